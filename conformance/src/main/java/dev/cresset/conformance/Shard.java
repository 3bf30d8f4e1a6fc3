package dev.cresset.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A zip of cases and of the modules that they call, as {@code python/shards.py} writes it.
 *
 * @param file the zip
 * @param versions what made it
 * @param cases in their order
 */
record Shard(Path file, JsonNode versions, List<Case> cases) {

    static Shard read(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile());
                InputStream json = entry(zip, "cases.json")) {
            JsonNode root = new JsonMapper().readTree(json);
            List<Case> cases = new ArrayList<>();
            root.get("cases").forEach(row -> cases.add(Case.of(row)));
            return new Shard(file, root.get("versions"), List.copyOf(cases));
        }
    }

    /** Writes the module of a case to a file. */
    void unpack(Case one, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile());
                InputStream module = entry(zip, one.module())) {
            Files.copy(module, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static InputStream entry(ZipFile zip, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new IOException(zip.getName() + " has no entry " + name);
        }
        return zip.getInputStream(entry);
    }
}
