package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a manifest's text as leniently as TorchServe's Gson does, into plain values that cannot be changed.
 *
 * <p>Of a field that is written twice the last counts, as in Gson and in Python.
 */
final class ManifestJson {
    private static final int DEEPEST = 100;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(
                            JsonReadFeature.ALLOW_JAVA_COMMENTS,
                            JsonReadFeature.ALLOW_YAML_COMMENTS,
                            JsonReadFeature.ALLOW_SINGLE_QUOTES,
                            JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES,
                            JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS,
                            JsonReadFeature.ALLOW_TRAILING_COMMA)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            // A version of 1.10 must not become 1.1.
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ManifestJson() {}

    static Map<String, Object> parse(byte[] json, Refusals refusals) throws ArchiveException {
        // Decoded here, as UTF-8 whatever the bytes look like: the parser would guess.
        String text = new String(json, StandardCharsets.UTF_8);
        Object value;
        try {
            value = MAPPER.readValue(text.startsWith("\ufeff") ? text.substring(1) : text, Object.class);
        } catch (RuntimeException e) {
            throw refusals.manifest(
                    Rule.MANIFEST_SYNTAX,
                    ManifestReader.ENTRY + " is not valid JSON" + place(e) + " " + Refusals.reason(e)
                            + "; mend it and pack again",
                    e);
        }
        if (value instanceof Map<?, ?> map) {
            return frozen(map);
        }
        throw refusals.manifest(
                Rule.MANIFEST_SYNTAX, ManifestReader.ENTRY + " holds " + kind(value) + ", expected an object { ... }");
    }

    /** A refusal by one of the parser's own limits has no place. */
    private static String place(RuntimeException failure) {
        return failure instanceof JacksonException e && e.getLocation() != null
                ? " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr()
                : "";
    }

    /** Names the JSON kind of a value, with its article. */
    static String kind(@Nullable Object value) {
        if (value == null) {
            return "null";
        } else if (value instanceof Map) {
            return "an object";
        } else if (value instanceof List) {
            return "a list";
        } else if (value instanceof String) {
            return "a string";
        } else if (value instanceof Boolean) {
            return "a boolean";
        }
        return "a number";
    }

    private static Map<String, Object> frozen(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (value != null) {
                copy.put(String.valueOf(key), frozen(value));
            }
        });
        return Collections.unmodifiableMap(copy);
    }

    private static Object frozen(Object value) {
        if (value instanceof Map<?, ?> map) {
            return frozen(map);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(item -> copy.add(item == null ? null : frozen(item)));
            return Collections.unmodifiableList(copy);
        }
        return value;
    }
}
