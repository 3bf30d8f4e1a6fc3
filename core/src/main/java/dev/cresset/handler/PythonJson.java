package dev.cresset.handler;

import dev.cresset.internal.json.PythonFloat;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON as Python's {@code json.dumps(value, indent=2)} does, to the byte: the layout, the escapes (everything beyond
 * ASCII), and the digits of floats, which are those of Python's {@code repr}. This is the text that TorchServe answers with.
 *
 * <p>Values are maps with string keys, lists, strings, booleans, null, and numbers: int, long, {@link BigInteger}, float and double. A float is widened to a double first, as
 * Python's {@code tolist} does. Safe for use by several threads.
 */
public final class PythonJson {

    /** The depth of what stands on one line. */
    private static final int ONE_LINE = Integer.MIN_VALUE;

    private PythonJson() {}

    /**
     * The text of a value.
     *
     * @throws IllegalArgumentException if it holds anything but what is listed above
     */
    public static String write(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, 0);
        return out.toString();
    }

    /** The text of a value on one line: {@code json.dumps(value)}. */
    static String writeLine(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, ONE_LINE);
        return out.toString();
    }

    private static void append(StringBuilder out, @Nullable Object value, int depth) {
        if (value == null) {
            out.append("null");
        } else if (value instanceof String text) {
            appendString(out, text);
        } else if (value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof BigInteger) {
            out.append(value);
        } else if (value instanceof Double || value instanceof Float) {
            out.append(PythonFloat.text(((Number) value).doubleValue()));
        } else if (value instanceof Map<?, ?> map) {
            appendMap(out, map, depth);
        } else if (value instanceof List<?> list) {
            appendList(out, list, depth);
        } else {
            throw new IllegalArgumentException(
                    "JSON has no form for " + value.getClass().getName());
        }
    }

    private static void appendMap(StringBuilder out, Map<?, ?> map, int depth) {
        if (map.isEmpty()) {
            out.append("{}");
            return;
        }
        char separator = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            newLine(out, depth + 1);
            if (!(entry.getKey() instanceof String key)) {
                throw new IllegalArgumentException("JSON has only strings as keys, not " + entry.getKey());
            }
            appendString(out, key);
            out.append(": ");
            append(out, entry.getValue(), depth + 1);
            separator = ',';
        }
        newLine(out, depth);
        out.append('}');
    }

    private static void appendList(StringBuilder out, List<?> list, int depth) {
        if (list.isEmpty()) {
            out.append("[]");
            return;
        }
        char separator = '[';
        for (Object element : list) {
            out.append(separator);
            newLine(out, depth + 1);
            append(out, element, depth + 1);
            separator = ',';
        }
        newLine(out, depth);
        out.append(']');
    }

    private static void newLine(StringBuilder out, int depth) {
        if (depth >= 0) {
            out.append('\n').append("  ".repeat(depth));
        } else if (out.charAt(out.length() - 1) == ',') {
            out.append(' ');
        }
    }

    private static void appendString(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c >= ' ' && c < 0x7f) {
                        out.append(c);
                    } else {
                        out.append("\\u%04x".formatted((int) c));
                    }
                }
            }
        }
        out.append('"');
    }
}
