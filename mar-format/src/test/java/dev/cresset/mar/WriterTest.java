package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The writer writes what the real archiver wrote from the same files, and means the same by its options. */
class WriterTest {
    private final ArchiverInputs inputs;
    private final Path store;

    WriterTest(@TempDir Path directory) throws IOException {
        inputs = new ArchiverInputs(directory.resolve("inputs"));
        store = Files.createDirectory(directory.resolve("store"));
    }

    private ModelArchiveWriter.Builder writer(String name, String version, String handler) {
        return ModelArchiveWriter.builder(name, version, handler).serializedFile(inputs.path("digits.pt"));
    }

    @ParameterizedTest
    @EnumSource
    void write_asTheArchiver(ArchiveFormat format) throws IOException {
        Path written = ModelArchiveWriter.builder(
                        "alike",
                        "1.0 \"größe\" 😀",
                        inputs.path("service:handle").toString())
                .serializedFile(inputs.path("digits.pt"))
                .modelFile(inputs.path("net.py"))
                .extraFile(inputs.path("tree"))
                .extraFile(inputs.path("tree/flat.txt"))
                .extraFile(inputs.path("index_to_name.json"))
                .configFile(inputs.path("settings.yaml"))
                .requirementsFile(inputs.path("needs.txt"))
                .format(format)
                .build()
                .write(store);

        assertThat(written).isEqualTo(store.resolve("alike" + format.extension()));
        requireAlike(written, RealArchives.path("alike/" + format.text() + "/alike" + format.extension()));
    }

    @Test
    void write_asTheArchiver_full() throws IOException {
        Path written = writer("full", "1.10", "image_classifier")
                .extraFile(inputs.path("index_to_name.json"))
                .extraFile(inputs.path("extra"))
                .configFile(inputs.path("settings.yaml"))
                .requirementsFile(inputs.path("needs.txt"))
                .build()
                .write(store);

        requireAlike(written, RealArchives.path("full.mar"));
    }

    @Test
    void write_asTheArchiver_eager() throws IOException {
        Path written = writer("eager", "1", inputs.path("service.py").toString())
                .modelFile(inputs.path("net.py"))
                .build()
                .write(store);

        requireAlike(written, RealArchives.path("eager.mar"));
    }

    @Test
    void write_asTheArchiver_withoutSerializedFile() throws IOException {
        Path written = ModelArchiveWriter.builder("sourceonly", "1", "base_handler")
                .modelFile(inputs.path("net.py"))
                .runtime(ModelRuntime.PYTHON3)
                .build()
                .write(store);

        requireAlike(written, RealArchives.path("sourceonly.mar"));
    }

    @Test
    void write_asTheArchiver_nativeRuntime() throws IOException {
        Path written = writer("native", "1", "TorchScriptHandler")
                .runtime(ModelRuntime.LSP)
                .build()
                .write(store);

        requireAlike(written, RealArchives.path("native.mar"));
    }

    /** Both archives hold the same files, and manifests that differ in nothing but who made them and when. */
    private static void requireAlike(Path written, Path real) throws IOException {
        try (ModelArchive ours = ModelArchive.open(written);
                ModelArchive theirs = ModelArchive.open(real)) {
            assertThat(ours.format()).isEqualTo(theirs.format());
            assertThat(ours.entries()).containsExactlyInAnyOrderElementsOf(theirs.entries());
            for (String entry : ours.entries()) {
                if (entry.equals(ManifestReader.ENTRY)) {
                    assertThat(withoutMaker(ours)).isEqualTo(withoutMaker(theirs));
                } else {
                    assertThat(ours.read(entry)).as(entry).isEqualTo(theirs.read(entry));
                }
            }
        }
    }

    private static String withoutMaker(ModelArchive archive) throws IOException {
        return new String(archive.read(ManifestReader.ENTRY), UTF_8)
                .replaceFirst("\"createdOn\": \"\\d\\d/\\d\\d/\\d{4} \\d\\d:\\d\\d:\\d\\d\"", "")
                .replaceFirst("\"archiverVersion\": \"(0\\.12\\.0|cresset-\\d.*)\"", "");
    }

    @ParameterizedTest
    @EnumSource(names = {"DEFAULT", "ZIP_STORE", "TGZ"})
    void write_sortsEntriesAndPutsTheManifestLast(ArchiveFormat format) throws IOException {
        Path written = writer("digits", "1", "base_handler")
                .extraFile("zebra/a.txt", new byte[1])
                .extraFile("größe.txt", new byte[2])
                .extraFile("0.txt", new byte[3])
                .format(format)
                .build()
                .write(store);

        try (ModelArchive archive = ModelArchive.open(written)) {
            assertThat(archive.entries())
                    .containsExactly("0.txt", "digits.pt", "größe.txt", "zebra/a.txt", "MAR-INF/MANIFEST.json");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "service.py,          service.py,          service.py",
        "service,             service,             service.py",
        "service:handle,      service:handle,      service.py",
        "service.py:handle,   service.py:handle,   service.py",
        "image_classifier,    image_classifier,    image_classifier.py",
    })
    void write_handlerInAFile(String handler, String text, String entry) throws IOException {
        // With a folder before it, even the name of a handler of TorchServe's is a file's.
        inputs.write("image_classifier.py", "def handle(data, context):\n    return data\n");

        Path written =
                writer("digits", "1", inputs.path(".") + "/" + handler).build().write(store);

        try (ModelArchive archive = ModelArchive.open(written)) {
            assertThat(archive.manifest().model().handler()).hasValue(text);
            assertThat(archive.entries()).containsExactlyInAnyOrder("digits.pt", entry, "MAR-INF/MANIFEST.json");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base_handler", "text_classifier", "image_classifier", "object_detector",
                "image_segmenter", "dali_image_classifier", "vllm_handler", "trt_llm_handler"
            })
    void write_handlerOfTorchServe(String handler) throws IOException {
        Path written = writer("digits", "1", handler).build().write(store);

        try (ModelArchive archive = ModelArchive.open(written)) {
            assertThat(archive.manifest().model().handler()).hasValue(handler);
            assertThat(archive.entries()).containsExactlyInAnyOrder("digits.pt", "MAR-INF/MANIFEST.json");
        }
    }

    @Test
    void write_handlerInALibrary() throws IOException {
        boolean mac = System.getProperty("os.name").startsWith("Mac");
        String library = mac ? "libdigits.dylib" : "libdigits.so";
        inputs.write(library, "native code");

        Path written = writer("digits", "1", inputs.path("libdigits") + ":DigitsHandler")
                .runtime(ModelRuntime.LSP)
                .build()
                .write(store);

        try (ModelArchive archive = ModelArchive.open(written)) {
            assertThat(archive.manifest().model().handler()).hasValue("libdigits:DigitsHandler");
            assertThat(archive.entries()).contains(library);
        }
    }

    @Test
    void extraFile_copiesItsContent() throws IOException {
        byte[] content = {1, 2, 3};
        ModelArchiveWriter.Builder writer =
                writer("digits", "1", "base_handler").extraFile("labels/de.bin", content);
        content[0] = 9;

        try (ModelArchive archive = ModelArchive.open(writer.build().write(store))) {
            assertThat(archive.read("labels/de.bin")).containsExactly(1, 2, 3);
        }
    }

    /** The pass list of the archiver's own tests. */
    @ParameterizedTest
    @ValueSource(
            strings = {"my-awesome-model", "Aa.model", "a", "aA.model", "a1234.model", "a-A-A.model", "123-abc", "a_b"})
    void builder_goodName(String name) throws IOException {
        assertThat(writer(name, "1", "base_handler").build().write(store)).hasFileName(name + ".mar");
    }

    /** The fail list of the archiver's own tests, and names that it takes and nobody can serve or unpack. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc%",
                "123$abc",
                "abc!123",
                "@123",
                "(model",
                "mdoel)",
                "12*model-a.model",
                "##.model",
                "-.model",
                "",
                "a/b",
                "abc\n",
                "größe",
                "a..b",
                "abc.",
                "aux"
            })
    void builder_badName(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelArchiveWriter.builder(name, "1", "base_handler"))
                .withMessageStartingWith("the model name is '");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void builder_badVersion(String version) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelArchiveWriter.builder("digits", version, "base_handler"))
                .withMessage("the model version is '" + version + "', expected a text such as '1.0'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "code/", "a\nb"})
    void builder_badHandler(String handler) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelArchiveWriter.builder("digits", "1", handler))
                .withMessageStartingWith("the handler is '");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/labels", "../labels", "a\\b", "C:labels", "labels/", "aux.json"})
    void extraFile_badName(String name) {
        ModelArchiveWriter.Builder writer = writer("digits", "1", "base_handler");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.extraFile(name, new byte[0]))
                .withMessageStartingWith("the name of an extra file is '");
    }

    @Test
    void extraFile_givenTwice() {
        ModelArchiveWriter.Builder writer =
                writer("digits", "1", "base_handler").extraFile("a.txt", new byte[0]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.extraFile("a.txt", new byte[0]))
                .withMessage("the extra file 'a.txt' was given already");
    }

    @ParameterizedTest
    @EnumSource
    void write_tellsHowFarItIs(ArchiveFormat format) throws IOException {
        List<Long> told = new ArrayList<>();
        TreeSet<Long> totals = new TreeSet<>();

        Path written = writer("digits", "1", "base_handler")
                .format(format)
                .build()
                .write(store, (entry, done, total) -> {
                    told.add(done);
                    totals.add(total);
                });

        try (ModelArchive archive = ModelArchive.open(written)) {
            long total = archive.size("digits.pt") + archive.size(ManifestReader.ENTRY);
            assertThat(totals).containsExactly(total);
            assertThat(told).isSorted().endsWith(total);
        }
    }
}
