package dev.cresset.mar.cli;

import static dev.cresset.mar.cli.Ran.mar;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.ManifestModel;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The archiver's options give the archive that they mean. */
class PackTest {
    private final Path store;
    private final Path weights;
    private final Path labels;

    PackTest(@TempDir Path directory) throws IOException {
        store = Files.createDirectory(directory.resolve("store"));
        weights = Files.writeString(directory.resolve("net.pt"), "weights");
        labels = Files.writeString(directory.resolve("labels.json"), "{}");
    }

    private Ran pack(Object... more) {
        Object[] args = new Object[more.length + 11];
        Object[] always = {
            "pack",
            "--model-name",
            "net",
            "--version",
            "1.0",
            "--handler",
            "base_handler",
            "--serialized-file",
            weights,
            "--export-path",
            store
        };
        System.arraycopy(always, 0, args, 0, always.length);
        System.arraycopy(more, 0, args, always.length, more.length);
        return mar(args);
    }

    @Test
    void pack_everyOption() throws IOException {
        Path code = Files.writeString(store.resolveSibling("code.py"), "class Net: pass");
        Path service = Files.writeString(store.resolveSibling("service.py"), "def handle(data, context): pass");
        Path needs = Files.writeString(store.resolveSibling("needs.txt"), "numpy");
        Path config = Files.writeString(store.resolveSibling("settings.yaml"), "batchSize: 4");
        Path notes = Files.writeString(store.resolveSibling("notes.txt"), "");

        Ran ran = mar(
                "pack",
                "--model-name=every",
                "-v",
                "2.1",
                "--serialized-file",
                weights,
                "--model-file",
                code,
                "--handler",
                service,
                "--extra-files",
                labels + "," + notes,
                "--config-file",
                config,
                "--requirements-file",
                needs,
                "--runtime",
                "python3",
                "--archive-format",
                "tgz",
                "--export-path",
                store);

        Path written = store.resolve("every.tar.gz");
        assertThat(ran)
                .isEqualTo(new Ran(Mar.DONE, "packed " + written + ", " + Plain.bytes(Files.size(written)) + "\n", ""));
        try (ModelArchive archive = ModelArchive.open(written)) {
            ManifestModel model = archive.manifest().model();
            assertThat(archive.format()).isEqualTo(ArchiveFormat.TGZ);
            assertThat(archive.manifest().runtime()).isEqualTo(ModelRuntime.PYTHON3);
            assertThat(model.modelName()).isEqualTo("every");
            assertThat(model.modelVersion()).isEqualTo("2.1");
            assertThat(model.handler()).hasValue("service.py");
            assertThat(model.serializedFile()).contains("net.pt");
            assertThat(model.modelFile()).contains("code.py");
            assertThat(model.requirementsFile()).contains("needs.txt");
            assertThat(archive.config().batchSize()).hasValue(4);
            assertThat(archive.entries()).contains("labels.json", "notes.txt");
        }
    }

    @Test
    void pack_extraFilesGivenTwice() throws IOException {
        Path notes = Files.writeString(store.resolveSibling("notes.txt"), "");

        pack("--extra-files", labels, "--extra-files", notes);

        try (ModelArchive archive = ModelArchive.open(store.resolve("net.mar"))) {
            assertThat(archive.entries()).contains("labels.json", "notes.txt");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    labels/*.json            | de.json en.json
                    labels/*                 | README de.json en.json {x}y
                    labels/?e.json           | de.json
                    labels/[!d]*.json        | en.json
                    labels/[a-d]e.json, vo*  | de.json vocab.txt
                    */en.json                | en.json
                    labels/.*                | .hidden
                    labels/{x}?              | {x}y
                    """)
    @DisabledOnOs(OS.WINDOWS) // Its names have no braces.
    void pack_extraFilesWithWildcards(String wild, String expected) throws IOException {
        Path folder = Files.createDirectory(store.resolve("labels"));
        for (String name : List.of("de.json", "en.json", "README", ".hidden", "{x}y")) {
            Files.writeString(folder.resolve(name), name);
        }
        Files.writeString(store.resolve("vocab.txt"), "");

        Ran ran = pack("--extra-files", (store + "/" + wild).replace(", ", ", " + store + "/"));

        assertThat(ran.err()).isEmpty();
        try (ModelArchive archive = ModelArchive.open(store.resolve("net.mar"))) {
            assertThat(archive.entries())
                    .containsExactlyInAnyOrder((expected + " net.pt MAR-INF/MANIFEST.json").split(" "));
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // There it is no path.
    void pack_wildcardThatMatchesNothing() {
        Ran ran = pack("--extra-files", store + "/*.json");

        assertThat(ran.exit()).isEqualTo(Mar.REFUSED);
        assertThat(ran.err())
                .contains("the extra file '" + store + "/*.json' is not there")
                .hasLineCount(1);
        assertThat(store).isEmptyDirectory();
    }

    @Test
    void pack_noArchive() {
        Ran ran = pack("--archive-format", "no-archive");

        assertThat(ran.out()).isEqualTo("packed " + store.resolve("net") + ", a folder\n");
        assertThat(store.resolve("net/net.pt")).hasContent("weights");
    }

    @Test
    void pack_isThere() throws IOException {
        Path there = Files.writeString(store.resolve("net.mar"), "old");

        Ran ran = pack();

        assertThat(ran.exit()).isEqualTo(Mar.REFUSED);
        assertThat(ran.err())
                .startsWith("net.mar: cannot be written: it is there already")
                .hasLineCount(1);
        assertThat(there).hasContent("old");
    }

    @Test
    void pack_isThereAndForced() throws IOException {
        Path there = Files.writeString(store.resolve("net.mar"), "old");

        Ran ran = pack("-f");

        assertThat(ran.exit()).isEqualTo(Mar.DONE);
        assertThat(there).content(ISO_8859_1).startsWith("PK");
    }

    @Test
    void pack_reproducible() throws IOException {
        pack("--reproducible");
        byte[] first = Files.readAllBytes(store.resolve("net.mar"));
        Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000_000_000_000L));

        pack("--reproducible", "--force");

        assertThat(store.resolve("net.mar")).hasBinaryContent(first);
    }

    @Test
    void pack_reproducibleAt() throws IOException {
        pack("--reproducible=2026-11-23T10:20:30Z");

        try (ModelArchive archive = ModelArchive.open(store.resolve("net.mar"))) {
            assertThat(archive.manifest().createdOn()).contains("23/11/2026 10:20:30");
        }
    }

    @Test
    void pack_fileMissing() {
        Ran ran = pack("--model-file", "nowhere.py");

        assertThat(ran.exit()).isEqualTo(Mar.REFUSED);
        assertThat(ran.err()).startsWith("net.mar: ").contains("nowhere.py").hasLineCount(1);
        assertThat(store).isEmptyDirectory();
    }

    @Test
    void pack_progress() {
        assertThat(pack("--progress").err()).contains("pack: 100 %");
    }

    @Test
    void pack_badName() {
        Ran ran = mar("pack", "--model-name", "a/b", "-v", "1", "--handler", "base_handler");

        assertThat(ran)
                .isEqualTo(new Ran(
                        Mar.USAGE,
                        "",
                        "mar pack: the model name is 'a/b', expected letters, digits, '_', '-'"
                                + " and '.', first one of the former two; 'mar pack --help' says what there is\n"));
    }

    @Test
    void pack_badFormat() {
        assertThat(pack("--archive-format", "zip"))
                .isEqualTo(new Ran(
                        Mar.USAGE,
                        "",
                        "mar pack: Invalid value for option '--archive-format': it is 'zip', expected one of"
                                + " default, zip-store, tgz, no-archive; 'mar pack --help' says what there is\n"));
    }

    @Test
    void pack_badTime() {
        Ran ran = pack("--reproducible=yesterday");

        assertThat(ran.exit()).isEqualTo(Mar.USAGE);
        assertThat(ran.err())
                .contains("it is 'yesterday', expected a time such as 2026-11-23T00:00:00Z")
                .hasLineCount(1);
    }
}
