package dev.cresset.mar.cli;

import java.util.Map;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes plain Java values as JSON, in ASCII: it is the same in every terminal and file, and drives none. */
final class JsonText {
    private static final JsonMapper IN_LINES = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();
    private static final JsonMapper IN_ONE_LINE = JsonMapper.builder().build();

    private JsonText() {}

    static String of(Map<String, Object> fields) {
        // Jackson takes the system's line ends; a file is to be the same everywhere.
        return IN_LINES.writeValueAsString(fields).replace("\r\n", "\n");
    }

    /** Returns a value as a person reads it: a text as it is, a mapping or a list in one line. */
    static String value(Object value) {
        return value instanceof String text ? text : IN_ONE_LINE.writeValueAsString(value);
    }
}
