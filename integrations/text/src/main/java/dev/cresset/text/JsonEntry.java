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
        return read(TextFiles.of(archive), entry);
    }

    /** A file's JSON; an empty object where there is no such file. */
    static JsonNode read(TextFiles files, String file) throws IOException {
        if (!files.has(file)) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(files.read(file));
        } catch (JacksonException e) {
            throw new IOException(files.name() + ": " + file + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
