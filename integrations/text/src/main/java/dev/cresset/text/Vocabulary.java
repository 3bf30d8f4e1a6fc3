package dev.cresset.text;

import dev.cresset.InvalidInputException;
import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The numbers of words, from the archive of a {@code text_classifier}. Immutable, safe for use by several threads. */
final class Vocabulary {

    private static final String JSON_FILE = "source_vocab.json";
    private static final String TORCH_FILE = "source_vocab.pt";
    private static final String UNKNOWN = "<unk>";
    private static final String WAY_OUT = "; pack the vocabulary as " + JSON_FILE
            + ", an object from words to numbers or a list of words (of torchtext's: json.dump(vocab.get_stoi(), file))";

    private final String archive;
    private final Map<String, Long> ids;

    private Vocabulary(String archive, Map<String, Long> ids) {
        this.archive = archive;
        this.ids = Map.copyOf(ids);
    }

    static Vocabulary of(ModelArchive archive) throws IOException {
        String name = archive.name();
        if (archive.entries().contains(JSON_FILE)) {
            return new Vocabulary(name, parse(name, JsonEntry.read(archive, JSON_FILE)));
        }
        if (!archive.entries().contains(TORCH_FILE)) {
            throw new IOException(name + ": there is no " + JSON_FILE + WAY_OUT);
        }
        return new Vocabulary(name, pickled(name, archive));
    }

    private static Map<String, Long> pickled(String archive, ModelArchive from) throws IOException {
        // As a file, for what torch.save writes is a zip that can only be read from its end.
        Path folder = Files.createTempDirectory("cresset-vocabulary");
        Path file = folder.resolve(TORCH_FILE);
        try {
            from.extract(TORCH_FILE, file);
            return PickledVocabulary.read(file, UNKNOWN);
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(
                    archive + ": its " + TORCH_FILE + " cannot be read without Python: " + e.getMessage() + WAY_OUT, e);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
    }

    private static Map<String, Long> parse(String archive, JsonNode root) throws IOException {
        Map<String, Long> ids = new HashMap<>();
        if (root.isArray()) {
            for (int i = 0; i < root.size(); i++) {
                if (!root.get(i).isString()) {
                    throw malformed(archive, "element " + i + " is " + root.get(i));
                }
                ids.put(root.get(i).asString(), (long) i);
            }
        } else if (root.isObject()) {
            for (Map.Entry<String, JsonNode> entry : root.properties()) {
                if (!entry.getValue().isIntegralNumber() || !entry.getValue().canConvertToLong()) {
                    throw malformed(archive, "'" + entry.getKey() + "' is " + entry.getValue());
                }
                ids.put(entry.getKey(), entry.getValue().asLong());
            }
        } else {
            throw malformed(archive, "it is " + root.getNodeType());
        }
        return ids;
    }

    private static IOException malformed(String archive, String found) {
        return new IOException(archive + ": " + JSON_FILE + ": " + found
                + ", expected an object from words to numbers or a list of words");
    }

    long id(String word) {
        Long id = ids.get(word);
        if (id == null) {
            id = ids.get(UNKNOWN);
        }
        if (id == null) {
            throw new InvalidInputException(archive + ": the vocabulary has neither '" + word + "' nor " + UNKNOWN
                    + " for words that it lacks");
        }
        return id;
    }
}
