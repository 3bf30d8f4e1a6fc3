package dev.cresset.mar.internal.manifest;

import java.util.Locale;
import java.util.Map;

/** Writes a manifest's JSON, texts and objects, in the layout of {@code torch-model-archiver}: that of Python's json.dumps. */
public final class ManifestText {
    private ManifestText() {}

    public static String of(Map<String, Object> fields) {
        StringBuilder out = new StringBuilder();
        append(out, fields, "\n");
        return out.toString();
    }

    private static void append(StringBuilder out, Map<?, ?> fields, String newLine) {
        char separator = '{';
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            out.append(separator).append(newLine).append("  ");
            append(out, (String) field.getKey());
            out.append(": ");
            if (field.getValue() instanceof Map<?, ?> inner) {
                append(out, inner, newLine + "  ");
            } else {
                append(out, (String) field.getValue());
            }
            separator = ',';
        }
        out.append(newLine).append('}');
    }

    private static void append(StringBuilder out, String text) {
        out.append('"');
        text.chars().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || c > '~') {
                        out.append(String.format(Locale.ROOT, "\\u%04x", c));
                    } else {
                        out.append((char) c);
                    }
                }
            }
        });
        out.append('"');
    }
}
