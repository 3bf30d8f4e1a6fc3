package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real TorchServe serves what the writer writes, and answers as it did for the archiver's own archive. To be asked for:
 * -Dcresset.torchserve=FOLDER, the one with the {@code torchserve} command; needs Java on the PATH.
 */
@Tag("torchserve")
@EnabledIfSystemProperty(named = "cresset.torchserve", matches = ".+")
class TorchServeTest {
    private static final Path BIN = Path.of(System.getProperty("cresset.torchserve", ""));
    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures", "fixtures"));
    private static final List<String> IMAGES = List.of("0021-one.png", "0034-six.png", "0276-zero.png");

    /** Handlers in a file, in every form that names one. */
    private static final List<String> HANDLERS = List.of("service", "service.py", "service:count", "service.py:count");

    private final JsonMapper json = new JsonMapper();

    @TempDir
    Path directory;

    @Test
    void serve_whatWasWritten() throws Exception {
        Path store = Files.createDirectory(directory.resolve("store"));
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        Map<String, String> models = new LinkedHashMap<>();
        for (ArchiveFormat format : ArchiveFormat.values()) {
            models.put(format.text(), writeDigits(format, store));
        }
        for (String handler : HANDLERS) {
            models.put(modelName(handler), writeService(handler, store));
        }

        try (TorchServeProcess server = TorchServeProcess.start(BIN, store, models, scratch)) {
            JsonNode answers =
                    json.readTree(FIXTURES.resolve("digits/torchserve.json")).get("answers");
            for (ArchiveFormat format : ArchiveFormat.values()) {
                for (String image : IMAGES) {
                    byte[] picture = Files.readAllBytes(FIXTURES.resolve("digits/images/" + image));
                    requireSame(
                            server.predict(format.text(), picture),
                            answers.get(image).asString());
                }
            }
            for (String handler : HANDLERS) {
                assertThat(server.predict(modelName(handler), "hello".getBytes(UTF_8)))
                        .as(handler)
                        .isEqualTo(handler.endsWith(":count") ? "count 5" : "handle 5");
            }
        }
    }

    private String writeDigits(ArchiveFormat format, Path store) throws Exception {
        Path model = directory.resolve("digits.pt");
        try (ModelArchive recorded = ModelArchive.open(FIXTURES.resolve("digits/digits.mar"))) {
            if (!Files.exists(model)) {
                recorded.extract("digits.pt", model);
            }
            return ModelArchiveWriter.builder("digits-" + format.text(), "1.0", "image_classifier")
                    .serializedFile(model)
                    .extraFile("index_to_name.json", recorded.read("index_to_name.json"))
                    .format(format)
                    .build()
                    .write(store)
                    .getFileName()
                    .toString();
        }
    }

    private String writeService(String handler, Path store) throws Exception {
        Path source = directory.resolve("service.py");
        Files.writeString(source, """
                def handle(data, context):
                    return None if data is None else [f"handle {len(row['body'])}" for row in data]

                def count(data, context):
                    return None if data is None else [f"count {len(row['body'])}" for row in data]
                """);
        Path config = Files.writeString(directory.resolve("model-config.yaml"), "minWorkers: 1\nmaxWorkers: 1\n");
        return ModelArchiveWriter.builder(modelName(handler), "1.0", directory + "/" + handler)
                .configFile(config)
                .build()
                .write(store)
                .getFileName()
                .toString();
    }

    private static String modelName(String handler) {
        return handler.replace(':', '-');
    }

    private void requireSame(String answer, String recorded) {
        System.out.println("TorchServe answers " + answer.replaceAll("\\s+", " "));
        JsonNode actual = json.readTree(answer);
        JsonNode expected = json.readTree(recorded);
        assertThat(actual.propertyNames()).containsExactlyElementsOf(expected.propertyNames());
        for (Map.Entry<String, JsonNode> field : expected.properties()) {
            assertThat(actual.get(field.getKey()).asDouble())
                    .as(field.getKey())
                    .isCloseTo(field.getValue().asDouble(), within(1e-6));
        }
    }
}
