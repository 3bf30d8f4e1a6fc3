package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that cannot be packed: each is one sentence, and leaves nothing where the archive should be. */
class WriterSourcesTest {
    private final ArchiverInputs inputs;
    private final Path store;
    private final Path archive;
    private final ModelArchiveWriter.Builder writer;

    WriterSourcesTest(@TempDir Path directory) throws IOException {
        inputs = new ArchiverInputs(directory.resolve("inputs"));
        store = Files.createDirectory(directory.resolve("store"));
        archive = store.resolve("digits.mar");
        writer = ModelArchiveWriter.builder("digits", "1", "base_handler").serializedFile(inputs.path("digits.pt"));
    }

    private AbstractThrowableAssert<?, ArchiveException> refused(Rule rule) throws IOException {
        return refused(rule, (entry, done, total) -> {});
    }

    private AbstractThrowableAssert<?, ArchiveException> refused(Rule rule, ProgressListener listener)
            throws IOException {
        AbstractThrowableAssert<?, ArchiveException> refusal =
                Refused.doing(() -> writer.build().write(store, listener), archive, rule);
        requireNothingLeft();
        return refusal;
    }

    private void requireNothingLeft() throws IOException {
        try (Stream<Path> left = Files.list(store)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void write_missingFile() throws IOException {
        Path gone = inputs.path("gone.pt");
        writer.serializedFile(gone);

        refused(Rule.SOURCE)
                .hasMessage("digits.mar: the serialized file '" + gone + "' is not there; looked for '" + gone + "'");
    }

    @Test
    void write_missingConfig() throws IOException {
        writer.configFile(inputs.path("gone.yaml"));

        refused(Rule.SOURCE).hasMessageContaining("the config file '").hasMessageContaining("is not there");
    }

    @Test
    void write_missingExtra() throws IOException {
        writer.extraFile(inputs.path("gone"));

        refused(Rule.SOURCE).hasMessageContaining("the extra file '").hasMessageContaining("is not there");
    }

    @Test
    void write_missingHandler() {
        Refused.doing(
                        () -> ModelArchiveWriter.builder("digits", "1", "image_clasifier")
                                .build()
                                .write(store),
                        archive,
                        Rule.SOURCE)
                .hasMessageContaining("the handler 'image_clasifier' is none of TorchServe's own ('base_handler', ")
                .hasMessageContaining(" or Cresset's ('sequence_classifier', 'text_embedder', 'token_classifier'), ")
                .hasMessageContaining(
                        "and there is no file '" + Path.of("image_clasifier.py").toAbsolutePath() + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sequence_classifier", "text_embedder", "token_classifier"})
    void write_handlerOfCresset_needsNoFile(String handler) throws IOException {
        Path written =
                ModelArchiveWriter.builder("digits", "1", handler).build().write(store);

        try (ModelArchive read = ModelArchive.open(written)) {
            assertThat(read.manifest().model().handler()).hasValue(handler);
            assertThat(read.entries()).containsExactly(ManifestReader.ENTRY);
            assertThat(read.name()).isEqualTo("digits.mar");
        }
    }

    /** As TorchServe's archiver takes it. */
    @Test
    void write_fileCalledLikeAHandlerOfCresset_isPacked() throws IOException {
        Path file = Files.writeString(store.resolve("text_embedder.py"), "def handle(data, context): pass");
        Path written = ModelArchiveWriter.builder(
                        "digits", "1", store.resolve("text_embedder").toString())
                .build()
                .write(store);

        try (ModelArchive read = ModelArchive.open(written)) {
            assertThat(read.manifest().model().handler()).hasValue("text_embedder");
            assertThat(read.entries()).contains(file.getFileName().toString());
        }
    }

    @Test
    void write_handlerOfCresset_isNoneOfTheLibraries() {
        Refused.doing(
                        () -> ModelArchiveWriter.builder("digits", "1", "text_embedder")
                                .runtime(ModelRuntime.LSP)
                                .build()
                                .write(store),
                        archive,
                        Rule.SOURCE)
                .hasMessageContaining("is none of TorchServe's own ('BaseHandler', 'TorchScriptHandler'), and");
    }

    @Test
    void write_missingLibrary() {
        Refused.doing(
                        () -> ModelArchiveWriter.builder("digits", "1", "image_classifier")
                                .runtime(ModelRuntime.LSP)
                                .build()
                                .write(store),
                        archive,
                        Rule.SOURCE)
                .hasMessageContaining("is none of TorchServe's own ('BaseHandler', 'TorchScriptHandler')");
    }

    @Test
    void write_folderForAFile() throws IOException {
        writer.modelFile(inputs.path("tree"));

        refused(Rule.SOURCE).hasMessageEndingWith("is a folder, expected a file; give another, or leave it out");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void write_device() throws IOException {
        writer.extraFile(Path.of("/dev/zero"));

        refused(Rule.SOURCE)
                .hasMessage("digits.mar: the extra file '/dev/zero' is no plain file; give another, or leave it out");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void write_linkThatLeadsNowhere() throws IOException {
        Files.createSymbolicLink(inputs.path("tree/dangling"), Path.of("nowhere"));
        writer.extraFile(inputs.path("tree"));

        refused(Rule.SOURCE).hasMessageContaining("dangling' is a link that leads nowhere");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void write_linkToAFolderThatItIsIn() throws IOException {
        Files.createSymbolicLink(inputs.path("tree/deeper/up"), inputs.path("tree"));
        writer.extraFile(inputs.path("tree"));

        refused(Rule.SOURCE).hasMessageContaining("FileSystemLoopException");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void write_linksAreFollowed() throws IOException {
        Files.createSymbolicLink(inputs.path("tree/linked.txt"), inputs.path("needs.txt"));
        Files.createSymbolicLink(inputs.path("tree/linked"), inputs.path("extra"));
        writer.extraFile(inputs.path("tree"));

        try (ModelArchive written = ModelArchive.open(writer.build().write(store))) {
            assertThat(written.entries()).contains("linked.txt", "linked/flat.txt", "linked/deeper/nested.txt");
            assertThat(written.read("linked.txt")).asString().isEqualTo("numpy\n");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void write_unreadableFile() throws IOException {
        // A plain file whose every read fails, even for root.
        writer.extraFile(Path.of("/proc/self/mem"));

        refused(Rule.SOURCE)
                .hasMessageContaining(
                        "entry 'mem' cannot be packed, for '/proc/self/mem' cannot be read (IOException: ");
    }

    @Test
    void write_twoFilesForOneEntry() throws IOException {
        Path one = inputs.path("extra/flat.txt");
        Path other = inputs.write("other/flat.txt", "another\n");
        writer.extraFile(one).extraFile(other);

        refused(Rule.NAME_CLASH)
                .hasMessage("digits.mar: entry 'flat.txt' would be two files: '" + one + "' and '" + other
                        + "'; rename one");
    }

    @Test
    void write_twoFilesInFoldersForOneEntry() throws IOException {
        writer.extraFile(inputs.path("extra")).extraFile(inputs.path("tree"));

        refused(Rule.NAME_CLASH).hasMessageContaining("would be two files: ");
    }

    @Test
    void write_bytesForAFilesEntry() throws IOException {
        writer.extraFile("digits.pt", new byte[1]);

        refused(Rule.NAME_CLASH)
                .hasMessageContaining("entry 'digits.pt' would be two files: '")
                .hasMessageEndingWith("digits.pt' and the bytes given for it; rename one");
    }

    @Test
    void write_namesThatDifferInCaseOnly() throws IOException {
        writer.extraFile("Digits.PT", new byte[1]);

        refused(Rule.NAME_CLASH).hasMessageContaining("are one file where case does not count");
    }

    @Test
    void write_fileThatIsAlsoAFolder() throws IOException {
        writer.extraFile("digits.pt/part", new byte[1]);

        refused(Rule.NAME_CLASH).hasMessageContaining("is a file, and also the folder of 'digits.pt/part'");
    }

    @Test
    void write_fileForTheManifestsFolder() throws IOException {
        writer.extraFile("MAR-INF", new byte[1]);

        refused(Rule.NAME_CLASH).hasMessageContaining("is a file, and also the folder of 'MAR-INF/MANIFEST.json'");
    }

    @Test
    void write_manifestOfAnother() throws IOException {
        inputs.write("unpacked/MAR-INF/MANIFEST.json", "{}");
        writer.extraFile(inputs.path("unpacked"));

        refused(Rule.NAME_CLASH).hasMessageContaining("is written by the packer itself; leave this one out: '");
    }

    @Test
    void write_manifestInAnotherCase() throws IOException {
        writer.extraFile("mar-inf/manifest.json", new byte[1]);

        refused(Rule.NAME_CLASH).hasMessageContaining("are one file where case does not count");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void write_nameThatNoReaderTakes() throws IOException {
        Path file = inputs.write("a:b.txt", "");
        writer.extraFile(file);

        refused(Rule.ENTRY_NAME)
                .hasMessage(
                        "digits.mar: entry 'a:b.txt' has a colon in its name (a drive or a stream), and could not be"
                                + " read again; rename it: '" + file + "'");
    }

    @Test
    void write_folderTooDeep() throws IOException {
        writer.extraFile("a/".repeat(33) + "b", new byte[1]);

        refused(Rule.ENTRY_NAME).hasMessageContaining("lies more than 32 folders deep");
    }

    @Test
    void write_nameTooLong() throws IOException {
        writer.extraFile("a".repeat(513), new byte[1]);

        refused(Rule.ENTRY_NAME).hasMessageContaining("has a name of more than 512 characters");
    }

    @Test
    void write_configThatIsNoMapping() throws IOException {
        writer.configFile(inputs.write("config.yaml", "- batchSize\n"));

        refused(Rule.CONFIG_SYNTAX).hasMessageContaining("entry 'config.yaml' holds a list, expected a mapping");
    }

    @Test
    void write_configThatIsTheModel() throws IOException {
        writer.configFile(inputs.write("config.yaml", "#".repeat(300_000)));

        refused(Rule.SOURCE).hasMessageContaining("has more than 262,144 bytes; is it the right one?");
    }

    @ParameterizedTest
    @EnumSource
    void write_fileThatShrinks(ArchiveFormat format) throws IOException {
        Path model = inputs.path("digits.pt");
        writer.format(format).extraFile("0", new byte[1]);

        // Called for the entry before: the model is found, but not yet read.
        assertThatThrownBy(() -> writer.build().write(store, (entry, done, total) -> replace(model, "short")))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining(
                        "entry 'digits.pt' changed while it was packed, it has 5 of 55 bytes; pack again when")
                .satisfies(e -> assertThat(((ArchiveException) e).rule()).isEqualTo(Rule.SOURCE));
        requireNothingLeft();
    }

    @ParameterizedTest
    @EnumSource
    void write_fileThatGrows(ArchiveFormat format) throws IOException {
        Path model = inputs.path("digits.pt");
        writer.format(format).extraFile("0", new byte[1]);

        assertThatThrownBy(() ->
                        writer.build().write(store, (entry, done, total) -> replace(model, "long".repeat(30_000))))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("entry 'digits.pt' changed while it was packed, it has more than 55 bytes");
        requireNothingLeft();
    }

    @ParameterizedTest
    @EnumSource
    void write_fileThatGoes(ArchiveFormat format) throws IOException {
        Path model = inputs.path("digits.pt");
        writer.format(format).extraFile("0", new byte[1]);

        assertThatThrownBy(() -> writer.build().write(store, (entry, done, total) -> delete(model)))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("entry 'digits.pt' cannot be packed, for '" + model + "' cannot be read");
        requireNothingLeft();
    }

    @ParameterizedTest
    @EnumSource
    void write_listenerThatFails(ArchiveFormat format) throws IOException {
        writer.format(format);

        assertThatThrownBy(() -> writer.build().write(store, (entry, done, total) -> {
                    throw new IllegalArgumentException("enough");
                }))
                .hasMessage("enough");
        requireNothingLeft();
    }

    private static void replace(Path file, String content) {
        try {
            Files.writeString(file, content, StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void extraFile_whoseNameHasHalfACharacter_isRefusedAndNotWrittenAsAQuestionMark() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.extraFile("\ud83d.json", new byte[0]))
                .withMessageContaining("expected a plain relative path");
    }
}
