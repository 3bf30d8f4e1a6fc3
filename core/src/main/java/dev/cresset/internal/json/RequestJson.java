package dev.cresset.internal.json;

import dev.cresset.InvalidInputException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON as Python's {@code json.loads} takes it: NaN and the infinities too, nested 500 deep at most. */
public final class RequestJson {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final int LONGEST = 60;

    private RequestJson() {}

    /**
     * Reads a request.
     *
     * @param expected what it should be, for the message
     */
    public static JsonNode read(String archive, byte[] request, String expected) {
        try {
            JsonNode read = JSON.readTree(request);
            if (read.isMissingNode()) {
                throw new InvalidInputException(archive + ": the request is empty, expected " + expected);
            }
            return read;
        } catch (StreamConstraintsException e) {
            // Without the name of the setting, which is not for callers to change.
            String limit = e.getOriginalMessage().replaceAll(", from `[^`]*`", "");
            throw new InvalidInputException(archive + ": the request is refused: " + limit, e);
        } catch (JacksonException e) {
            throw new InvalidInputException(
                    archive + ": the request is not JSON" + where(e.getLocation()) + ", expected " + expected, e);
        }
    }

    private static String where(@Nullable TokenStreamLocation location) {
        return location == null || location.getLineNr() < 1
                ? ""
                : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }

    /** A caller's text in a message: short, and on one line. */
    public static String quoted(String text) {
        return "'" + shortened(text.replaceAll("\\p{Cntrl}", "?")) + "'";
    }

    static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }

    /** A number as a float; an infinity if it is an integer beyond every float, which Jackson would throw at. */
    public static double doubleOf(JsonNode number) {
        return number.isIntegralNumber() ? number.bigIntegerValue().doubleValue() : number.doubleValue();
    }

    /** What an answer's text says; an answer that is not JSON is a string. */
    public static @Nullable Object valueOf(String answer) {
        try {
            JsonNode read = JSON.readTree(answer);
            return read.isMissingNode() ? answer : toJava(read);
        } catch (JacksonException e) {
            return answer;
        }
    }

    /** As {@code dev.cresset.handler.PythonJson} takes it. */
    private static @Nullable Object toJava(JsonNode node) {
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(entry -> map.put(entry.getKey(), toJava(entry.getValue())));
            return map;
        } else if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>(node.size());
            node.forEach(element -> list.add(toJava(element)));
            return list;
        } else if (node.isString()) {
            return node.asString();
        } else if (node.isBoolean()) {
            return node.asBoolean();
        } else if (node.isIntegralNumber()) {
            BigInteger number = node.bigIntegerValue();
            return number.bitLength() < Long.SIZE ? number.longValue() : number;
        }
        return node.isNumber() ? node.doubleValue() : null;
    }
}
