package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Python answered, and the archives that it was asked with. */
final class Recorded {

    static final JsonMapper JSON = new JsonMapper();

    private Recorded() {}

    static Path fixture(String name) {
        return Path.of(System.getProperty("cresset.fixtures")).resolve(name);
    }

    static JsonNode json(String name) {
        return JSON.readTree(fixture(name));
    }

    static List<String> texts(JsonNode recorded) {
        List<String> texts = new ArrayList<>();
        recorded.get("texts").forEach(text -> texts.add(text.asString()));
        return texts;
    }

    static ModelArchive archive(String name) throws IOException {
        return ModelArchive.open(fixture(name));
    }

    /** A copy of an archive with another handler in its manifest, and other entries; an empty text takes an entry out. */
    static Path changed(String name, Path folder, String handler, Map<String, String> changes) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        String settings = "";
        try (ModelArchive archive = archive(name)) {
            for (String entry : archive.entries()) {
                if (!entry.endsWith(".py") && !entry.startsWith("MAR-INF/")) {
                    entries.put(entry, archive.read(entry));
                }
            }
        }
        for (Map.Entry<String, String> change : changes.entrySet()) {
            if (change.getValue().isEmpty()) {
                entries.remove(change.getKey());
            } else {
                entries.put(change.getKey(), change.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        if (entries.containsKey("model-config.yaml")) {
            settings = ", \"configFile\": \"model-config.yaml\"";
        }
        String stem = Path.of(name).getFileName().toString().replace(".mar", "");
        String manifest = """
                {"runtime": "python", "model": {"modelName": "%s", "modelVersion": "1.0", "handler": "%s",
                 "serializedFile": "%s.pt"%s}}""".formatted(stem, handler, stem, settings);
        entries.put("MAR-INF/MANIFEST.json", manifest.getBytes(StandardCharsets.UTF_8));
        Path changed = folder.resolve(stem + ".mar");
        try (OutputStream out = Files.newOutputStream(changed);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        return changed;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static long[] longs(JsonNode array) {
        long[] values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asLong();
        }
        return values;
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    /** The same labels in the same order, numbers within 1e-4, and beside the digits of numbers the same text to the byte. */
    static void checkSame(String what, String answer, String recorded) {
        JsonNode actual = JSON.readTree(answer);
        JsonNode expected = JSON.readTree(recorded);
        assertThat(actual.propertyNames()).as(what).containsExactlyElementsOf(expected.propertyNames());
        for (Map.Entry<String, JsonNode> one : expected.properties()) {
            assertThat(actual.get(one.getKey()).asDouble())
                    .as("%s: %s", what, one.getKey())
                    .isCloseTo(one.getValue().asDouble(), within(1e-4));
        }
        String number = "(?<=: )[0-9][-.0-9e]*";
        assertThat(answer.replaceAll(number, "#")).as(what).isEqualTo(recorded.replaceAll(number, "#"));
    }
}
