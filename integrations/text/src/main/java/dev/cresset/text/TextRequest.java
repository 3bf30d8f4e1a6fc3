package dev.cresset.text;

import dev.cresset.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A text, or two, as a request.
 *
 * @param text the text
 * @param pair the second text, where there is one
 */
record TextRequest(String text, @Nullable String pair) {

    private static final JsonMapper JSON = new JsonMapper();

    static TextRequest of(String text) {
        return new TextRequest(text, null);
    }

    /**
     * Reads a request's bytes, which are UTF-8. What starts with a brace is JSON, {@code {"text": "...", "text_pair": "..."}},
     * of which all else is ignored; anything else is the text itself.
     */
    static TextRequest parse(String archive, byte[] request) {
        String text = utf8(archive, request);
        if (!text.stripLeading().startsWith("{")) {
            return of(text);
        }
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JacksonException e) {
            throw new InvalidInputException(
                    archive + ": the request starts with '{' but is not JSON: " + e.getOriginalMessage()
                            + "; expected a text, or {\"text\": \"...\"}",
                    e);
        }
        JsonNode pair = root.get("text_pair");
        return new TextRequest(string(archive, root, "text"), pair == null ? null : string(archive, root, "text_pair"));
    }

    private static String string(String archive, JsonNode root, String name) {
        JsonNode value = root.get(name);
        if (value == null || !value.isString()) {
            throw new InvalidInputException(archive + ": the request's '" + name + "' is "
                    + (value == null ? "missing" : value.getNodeType()) + ", expected {\"" + name + "\": \"...\"}");
        }
        return value.asString();
    }

    /** The text that bytes are in UTF-8, which must be without fault. */
    static String utf8(String archive, byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(archive + ": the request is not text in UTF-8: " + e.getMessage(), e);
        }
    }
}
