package dev.cresset.handler;

import dev.cresset.ModelExecutionException;
import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The names of a model's classes, from an archive's {@code index_to_name.json}. TorchServe's rules: an object from class to
 * name, where a name may be a list whose last element counts (ImageNet has {@code ["n02123045", "tabby"]}); or {@code
 * {"object_type_names": [...]}}; without the file, classes are named by their numbers. (TorchServe 0.12, {@code
 * ts/utils/util.py}.)
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class IndexToName {

    private static final String FILE = "index_to_name.json";

    private final String where;
    private final Optional<Map<String, String>> names;

    private IndexToName(String where, Optional<Map<String, String>> names) {
        this.where = where;
        this.names = names;
    }

    /**
     * The names in an archive.
     *
     * @throws IOException if the archive cannot be read, or the file has none of TorchServe's forms
     */
    public static IndexToName of(ModelArchive archive) throws IOException {
        return archive.entries().contains(FILE)
                ? of(archive, FILE)
                : new IndexToName(archive.name() + ": " + FILE, Optional.empty());
    }

    /** The names in the file that options name, or else in TorchServe's. */
    static IndexToName of(ModelArchive archive, ResolvedImageOptions options) throws IOException {
        String file = options.labels();
        return file == null ? of(archive) : of(archive, file);
    }

    /** The names in another file of the archive, which must be there. */
    private static IndexToName of(ModelArchive archive, String file) throws IOException {
        String archiveName = archive.name();
        if (!archive.entries().contains(file)) {
            throw new ModelLoadException(archiveName + ": the labels are to be in '" + file
                    + "', expected one of the archive's files " + new TreeSet<>(archive.entries()));
        }
        return parse(archiveName + ": " + file, archive.read(file));
    }

    /**
     * The names in the file's text.
     *
     * @param where what messages call the file
     * @throws IOException if the text has none of TorchServe's forms
     */
    static IndexToName parse(String where, byte[] json) throws IOException {
        JsonNode root;
        try {
            root = new JsonMapper().readTree(json);
        } catch (JacksonException e) {
            throw new IOException(where + " is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new IOException(where + " must be an object of the form {\"class\": \"label\"}, it is of another: "
                    + root.getNodeType());
        }
        Map<String, String> names = new HashMap<>();
        JsonNode legacy = root.get("object_type_names");
        if (legacy != null && legacy.isArray()) {
            for (int i = 0; i < legacy.size(); i++) {
                names.put(Integer.toString(i), label(where, Integer.toString(i), legacy.get(i)));
            }
        } else {
            for (Map.Entry<String, JsonNode> entry : root.properties()) {
                names.put(entry.getKey(), label(where, entry.getKey(), entry.getValue()));
            }
        }
        return new IndexToName(where, Optional.of(names));
    }

    private static String label(String where, String key, JsonNode value) throws IOException {
        JsonNode label = value.isArray() && !value.isEmpty() ? value.get(value.size() - 1) : value;
        if (!label.isString()) {
            throw new IOException(
                    where + ": the label of class " + key + " must be a string or a list of strings, it is " + value);
        }
        return label.asString();
    }

    /**
     * The name of a class.
     *
     * @throws ModelExecutionException if the file has none for it
     */
    public String name(int index) {
        if (names.isEmpty()) {
            return Integer.toString(index);
        }
        String name = names.get().get(Integer.toString(index));
        if (name == null) {
            throw new ModelExecutionException(
                    where + " has " + names.get().size() + " names, but none for class " + index + " of the model");
        }
        return name;
    }
}
