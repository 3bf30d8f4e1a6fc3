package dev.cresset.internal.warmup;

import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whether two JSON answers say the same, up to rounding. Objects have the same keys, in any order; arrays the same elements in
 * the same order; whole numbers, strings and the rest are equal.
 *
 * <p>A fraction may be off by the tolerance, or by that part of the number expected if this is more: a probability is rounded
 * as a part of 1, whatever is left of it, and a coordinate as a part of itself. NaN and the infinities are as expected or not.
 */
public final class JsonAgreement {
    private static final int LONGEST = 80;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final double tolerance;

    JsonAgreement(double tolerance) {
        this.tolerance = tolerance;
    }

    /** Reads JSON as Python writes it, with NaN and the infinities; nothing if it is no JSON. */
    static Optional<JsonNode> parse(byte[] text) {
        try {
            return Optional.of(JSON.readTree(text)).filter(node -> !node.isMissingNode());
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** Says where and how the second differs from the first, or nothing. */
    Optional<String> difference(JsonNode expected, JsonNode found) {
        return difference("", expected, found);
    }

    private Optional<String> difference(String path, JsonNode expected, JsonNode found) {
        if (expected.isObject() && found.isObject()) {
            return ofObjects(path, expected, found);
        } else if (expected.isArray() && found.isArray()) {
            return ofArrays(path, expected, found);
        } else if (expected.isNumber() && found.isNumber()) {
            return isNear(expected, found)
                    ? Optional.empty()
                    : Optional.of(told(path, expected, found) + " within " + tolerance);
        }
        return expected.equals(found) ? Optional.empty() : Optional.of(told(path, expected, found));
    }

    private Optional<String> ofObjects(String path, JsonNode expected, JsonNode found) {
        for (Map.Entry<String, JsonNode> entry : expected.properties()) {
            String key = path + "/" + entry.getKey();
            JsonNode other = found.get(entry.getKey());
            Optional<String> difference = other == null
                    ? Optional.of("there is nothing at " + key + ", expected " + shown(entry.getValue()))
                    : difference(key, entry.getValue(), other);
            if (difference.isPresent()) {
                return difference;
            }
        }
        return found.propertyStream()
                .filter(entry -> !expected.has(entry.getKey()))
                .findFirst()
                .map(entry -> "there is " + shown(entry.getValue()) + " at " + path + "/" + entry.getKey()
                        + ", expected nothing");
    }

    private Optional<String> ofArrays(String path, JsonNode expected, JsonNode found) {
        if (expected.size() != found.size()) {
            return Optional.of("there are " + found.size() + " elements" + at(path) + ", expected " + expected.size());
        }
        Iterator<JsonNode> others = found.iterator();
        int index = 0;
        for (JsonNode element : expected) {
            Optional<String> difference = difference(path + "/" + index, element, others.next());
            if (difference.isPresent()) {
                return difference;
            }
            index++;
        }
        return Optional.empty();
    }

    private boolean isNear(JsonNode expected, JsonNode found) {
        if (expected.isIntegralNumber() && found.isIntegralNumber()) {
            return expected.bigIntegerValue().equals(found.bigIntegerValue());
        }
        double wanted = doubleOf(expected);
        double had = doubleOf(found);
        if (!Double.isFinite(wanted) || !Double.isFinite(had)) {
            return Double.compare(wanted, had) == 0;
        }
        return Math.abs(had - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    }

    /** Jackson throws at an integer beyond every float. */
    private static double doubleOf(JsonNode number) {
        return number.isIntegralNumber() ? number.bigIntegerValue().doubleValue() : number.doubleValue();
    }

    private static String told(String path, JsonNode expected, JsonNode found) {
        return "there is " + shown(found) + at(path) + ", expected " + shown(expected);
    }

    private static String at(String path) {
        return path.isEmpty() ? "" : " at " + path;
    }

    private static String shown(JsonNode node) {
        // The text of NaN as a node has quotes, as if it were a string.
        String text = node.isNumber() ? node.asString() : node.toString();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
