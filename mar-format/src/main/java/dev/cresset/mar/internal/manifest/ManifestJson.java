package dev.cresset.mar.internal.manifest;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Reads a manifest's text, as lenient as TorchServe's Gson where people rely on it, into plain values that cannot be changed.
 *
 * <p>Of a field that is written twice the last counts, as in Gson and in Python.
 */
final class ManifestJson {
    private static final int DEEPEST = 100;
    private static final int MOST_VALUES = 100_000;

    /** A longer one, such as 1e999999999, would take all memory of whoever asks for its digits. */
    private static final int MOST_PLACES = 1_000;

    /** The parser alone: a binder of objects takes longer to load than all else that opens an archive. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(
                    JsonReadFeature.ALLOW_JAVA_COMMENTS,
                    JsonReadFeature.ALLOW_YAML_COMMENTS,
                    JsonReadFeature.ALLOW_SINGLE_QUOTES,
                    JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES,
                    JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS,
                    JsonReadFeature.ALLOW_TRAILING_COMMA)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .build();

    private final Refusals refusals;
    private int values;

    private ManifestJson(Refusals refusals) {
        this.refusals = refusals;
    }

    static Map<String, Object> parse(byte[] json, Refusals refusals) throws ArchiveException {
        return new ManifestJson(refusals).parse(json);
    }

    private Map<String, Object> parse(byte[] json) throws ArchiveException {
        // Decoded here, as UTF-8 whatever the bytes look like: the parser would guess.
        String text = new String(json, StandardCharsets.UTF_8);
        Object value;
        String content = text.startsWith("\ufeff") ? text.substring(1) : text;
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), content)) {
            value = value(parser, parser.nextToken());
            if (parser.nextToken() != null) {
                throw new StreamReadException(parser, "there is more after the value");
            }
        } catch (RuntimeException e) {
            throw refusals.manifest(
                    Rule.MANIFEST_SYNTAX,
                    ManifestReader.ENTRY + " is not valid JSON " + problem(e) + "; mend it and pack again",
                    e);
        }
        if (value instanceof Map<?, ?> map) {
            return frozen(map);
        }
        throw refusals.manifest(
                Rule.MANIFEST_SYNTAX, ManifestReader.ENTRY + " holds " + kind(value) + ", expected an object { ... }");
    }

    private static @Nullable Object value(JsonParser parser, @Nullable JsonToken token) {
        if (token == null) {
            throw new StreamReadException(parser, "there is nothing where a value should be");
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    map.put(name, value(parser, parser.nextToken()));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    list.add(value(parser, next));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue(); // a version of 1.10 must not become 1.1
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new StreamReadException(parser, "there is no value");
        };
    }

    /** The parser's own message is lines long. A refusal by one of its limits has no place. */
    private static String problem(RuntimeException failure) {
        if (!(failure instanceof JacksonException e)) {
            return Refusals.reason(failure);
        }
        String place = e.getLocation() == null
                ? ""
                : "at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + " ";
        return place + "(" + Refusals.quoted(e.getOriginalMessage()) + ")";
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

    private Map<String, Object> frozen(Map<?, ?> map) throws ArchiveException {
        Map<String, Object> copy = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : map.entrySet()) {
            if (field.getValue() != null) {
                copy.put(String.valueOf(field.getKey()), frozen(field.getValue()));
            }
        }
        return Collections.unmodifiableMap(copy);
    }

    private Object frozen(Object value) throws ArchiveException {
        if (++values > MOST_VALUES) {
            throw refusals.manifest(
                    Rule.LIMIT,
                    ManifestReader.ENTRY + " holds more than " + Refusals.number(MOST_VALUES) + " values; write fewer");
        }
        if (value instanceof Map<?, ?> map) {
            return frozen(map);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            for (Object item : list) {
                copy.add(item == null ? null : frozen(item));
            }
            return Collections.unmodifiableList(copy);
        }
        if (value instanceof BigDecimal number && Math.abs((long) number.scale()) > MOST_PLACES) {
            throw refusals.manifest(
                    Rule.MANIFEST_SYNTAX,
                    ManifestReader.ENTRY + " holds the number " + Refusals.quoted(number.toString()) + " of more than "
                            + Refusals.number(MOST_PLACES) + " places; write it as a text");
        }
        return value;
    }
}
