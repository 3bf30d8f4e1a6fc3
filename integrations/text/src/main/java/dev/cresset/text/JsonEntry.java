package dev.cresset.text;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON objects in an archive. */
final class JsonEntry {

    private static final JsonMapper JSON = new JsonMapper();

    private JsonEntry() {}

    /** An entry's JSON; an empty object where the archive has no such entry. */
    static JsonNode read(ModelArchive archive, String entry) throws IOException {
        if (!archive.entries().contains(entry)) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(archive.read(entry));
        } catch (JacksonException e) {
            throw new IOException(archive.name() + ": " + entry + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
