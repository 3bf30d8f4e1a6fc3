package dev.cresset.spring.ai;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small sentence-transformer, and what sentence-transformers answered with them. */
final class Fixtures {

    private static final Path FOLDER =
            Path.of(System.getProperty("cresset.fixtures")).resolve("sentences");

    static final Path ENCODER = FOLDER.resolve("encoder");
    static final JsonNode RECORDED = new JsonMapper().readTree(FOLDER.resolve("sentences.json"));
    static final List<String> TEXTS = texts();

    private Fixtures() {}

    private static List<String> texts() {
        List<String> texts = new ArrayList<>();
        RECORDED.get("texts").forEach(text -> texts.add(text.asString()));
        return texts;
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }
}
