package dev.cresset.mar.cli;

import static dev.cresset.mar.cli.Ran.fixture;
import static dev.cresset.mar.cli.Ran.mar;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelArchiveWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A person sees what an archive is, a program gets all of it, and neither is driven by what it holds. */
class InspectTest {
    @TempDir
    private Path directory;

    @Test
    void inspect_digits() {
        Ran ran = mar("inspect", fixture("digits/digits.mar"));

        assertThat(ran).isEqualTo(new Ran(Mar.DONE, """
                        model             digits, version 1.0
                        archive           digits.mar, deflated zip, 405,815 bytes
                        handler           image_classifier (no file: TorchServe's own)
                        runtime           python
                        serialized file   digits.pt            441,178 bytes
                        extra files       index_to_name.json       133 bytes
                        created           29/11/2026 18:22:02, archiver 0.12.0
                        """, ""));
    }

    private String inspected(String handler) throws IOException {
        Path archive =
                ModelArchiveWriter.builder("m", "1", "base_handler").build().write(directory);
        try (ModelArchive opened = ModelArchive.open(archive)) {
            opened.unpack(directory.resolve("folder"));
        }
        Path manifest = directory.resolve("folder/MAR-INF/MANIFEST.json");
        Files.writeString(manifest, Files.readString(manifest).replace("base_handler", handler));
        return mar("inspect", directory.resolve("folder")).out();
    }

    @Test
    void inspect_handlerOfCresset_isNotCalledTorchServes() throws IOException {
        assertThat(inspected("text_embedder")).contains("text_embedder (no file: Cresset's own, in cresset-text)");
    }

    @Test
    void inspect_handlerThatNobodyHas_saysSo() throws IOException {
        assertThat(inspected("mine")).contains("mine (no file: neither TorchServe nor Cresset has one of that name)");
    }

    @Test
    void inspect_settings() {
        Ran ran = mar("inspect", fixture("risk/risk.mar"));

        assertThat(ran.out()).contains("""
                        config file       model-config.yaml       127 bytes
                                            minWorkers: 1
                                            maxWorkers: 1
                                            batchSize: 8
                                            maxBatchDelay: 5
                                            responseTimeout: 30
                                            deviceType: cpu
                        """);
    }

    @Test
    void inspect_filesOfItsOwn() throws IOException {
        Path model = Files.writeString(directory.resolve("net.py"), "class Net: pass");
        Files.writeString(directory.resolve("service.py"), "");
        Path needs = Files.writeString(directory.resolve("needs.txt"), "n");
        Path archive = ModelArchiveWriter.builder("own", "2", directory.resolve("service") + ":handle")
                .modelFile(model)
                .requirementsFile(needs)
                .build()
                .write(directory);

        Ran ran = mar("inspect", archive);

        assertThat(ran.out()).contains("""
                        handler        service:handle
                                       service.py    0 bytes
                        runtime        python
                        model file     net.py       15 bytes
                        requirements   needs.txt      1 byte
                        created""").doesNotContain("extra files");
    }

    @Test
    void inspect_warnings() throws IOException {
        Path config = Files.writeString(directory.resolve("c.yaml"), "BatchSize: 8\nhandler: {labels: [a, b]}\n");
        Path archive = ModelArchiveWriter.builder("own", "2", "base_handler")
                .configFile(config)
                .build()
                .write(directory);

        Ran ran = mar("inspect", archive);

        assertThat(ran.out()).containsPattern("warning +.*BatchSize.*batchSize").contains("""
                          handler: {"labels":["a","b"]}
                        """.stripTrailing());
    }

    @Test
    void inspect_manyExtraFiles() throws IOException {
        ModelArchiveWriter.Builder writer = ModelArchiveWriter.builder("many", "1", "base_handler");
        for (int i = 0; i < 50; i++) {
            writer.extraFile("f" + i, new byte[0]);
        }

        Ran ran = mar("inspect", writer.build().write(directory));

        assertThat(ran.out()).contains("and 10 files more; --json lists all");
        assertThat(ran.out().lines().filter(line -> line.endsWith(" 0 bytes"))).hasSize(40);
    }

    @Test
    void inspect_noManifest() throws IOException {
        Path archive = zip("bare.mar", "notes.txt", "");

        assertThat(mar("inspect", archive).out())
                .contains("manifest      none: the model is named after the file", """
                handler       none: TorchServe takes the one of its own settings
                """);
    }

    @Test
    void inspect_textThatDrivesATerminal() throws IOException {
        Path archive = zip("evil.mar", "MAR-INF/MANIFEST.json", """
                {"model": {"modelName": "a\\u001b[2Jb", "modelVersion": "1\\n2", "handler": "h\\u202e"}, "\\u0007": "x"}""");

        Ran ran = mar("inspect", archive);

        assertThat(ran.exit()).isEqualTo(Mar.DONE);
        assertThat(ran.out())
                .contains("a\\u001b[2Jb, version 1\\u000a2", "h\\u202e", "\\u0007")
                .doesNotContain("\u001b", "\u202e", "\u0007");
    }

    @Test
    void inspect_json() {
        Path file = fixture("risk/risk.mar");

        Ran ran = mar("inspect", "--json", file);

        JsonNode json = new JsonMapper().readTree(ran.out());
        assertThat(json.get("archive").asString()).isEqualTo(file.toString());
        assertThat(json.get("format").asString()).isEqualTo("default");
        assertThat(json.get("bytes").asLong()).isEqualTo(12_537);
        assertThat(json.at("/manifest/model/serializedFile").asString()).isEqualTo("risk.pt");
        assertThat(json.at("/entries/0/name").asString()).isEqualTo("risk.pt");
        assertThat(json.at("/entries/0/bytes").asLong()).isEqualTo(16_786);
        assertThat(json.at("/settings/batchSize").asInt()).isEqualTo(8);
    }

    @Test
    void inspect_jsonOfEveryYamlType() throws IOException {
        Path config = Files.writeString(
                directory.resolve("c.yaml"),
                "time: 2026-11-23T07:00:00Z\nbytes: !!binary aGVsbG8=\nnone: null\nnot: .nan\nname: größe\n");
        Path archive = ModelArchiveWriter.builder("types", "1", "base_handler")
                .configFile(config)
                .build()
                .write(directory);

        Ran ran = mar("inspect", "--json", archive);

        JsonNode settings = new JsonMapper().readTree(ran.out()).get("settings");
        assertThat(settings.get("time").asString()).isEqualTo("2026-11-23T07:00:00Z");
        assertThat(settings.get("bytes").asString()).isEqualTo("aGVsbG8=");
        assertThat(settings.get("none").isNull()).isTrue();
        assertThat(settings.get("not").asString()).isEqualTo("NaN");
        assertThat(settings.get("name").asString()).isEqualTo("größe");
        assertThat(ran.out()).isASCII();
    }

    private Path zip(String file, String entry, String content) throws IOException {
        Path path = directory.resolve(file);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(path))) {
            out.putNextEntry(new ZipEntry(entry));
            out.write(content.getBytes(UTF_8));
        }
        return path;
    }
}
