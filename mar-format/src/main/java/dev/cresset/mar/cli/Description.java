package dev.cresset.mar.cli;

import dev.cresset.mar.Manifest;
import dev.cresset.mar.ManifestModel;
import dev.cresset.mar.ModelArchive;
import dev.cresset.pt2.Pt2Archive;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that an archive says about itself, in plain values for a program: manifest fields as the manifest names them. */
final class Description {
    private Description() {}

    static Map<String, Object> of(ModelArchive archive) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("archive", archive.path().toString());
        all.put("format", archive.format().text());
        all.put("bytes", Names.archiveSize(archive));
        all.put("manifest", manifest(archive.manifest()));
        all.put("entries", entries(archive));
        all.put("settings", archive.config().settings());
        all.put("warnings", archive.config().warnings());
        Programs.inside(archive, inside -> all.put("programs", Programs.described(inside)));
        return all;
    }

    static Map<String, Object> of(Pt2Archive archive) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("file", archive.path().toString());
        all.put("bytes", Files.size(archive.path()));
        all.put("programs", Programs.described(archive));
        all.put("compiledModels", List.copyOf(archive.compiledModels()));
        return all;
    }

    private static Map<String, Object> manifest(Manifest manifest) {
        Map<String, Object> fields = new LinkedHashMap<>();
        put(fields, "createdOn", manifest.createdOn());
        fields.put("runtime", manifest.runtime().text());
        fields.put("model", model(manifest.model()));
        put(fields, "archiverVersion", manifest.archiverVersion());
        put(fields, "description", manifest.description());
        fields.putAll(manifest.other());
        return fields;
    }

    private static Map<String, Object> model(ManifestModel model) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("modelName", model.modelName());
        fields.put("modelVersion", model.modelVersion());
        fields.put("handler", model.handler().orElse(""));
        put(fields, "serializedFile", model.serializedFile());
        put(fields, "modelFile", model.modelFile());
        put(fields, "requirementsFile", model.requirementsFile());
        put(fields, "configFile", model.configFile());
        put(fields, "envelope", model.envelope());
        put(fields, "description", model.description());
        put(fields, "extensions", model.extensions());
        fields.putAll(model.other());
        return fields;
    }

    private static List<Object> entries(ModelArchive archive) throws IOException {
        List<Object> entries = new ArrayList<>();
        for (String name : archive.entries()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", name);
            entry.put("bytes", archive.size(name));
            entries.add(entry);
        }
        return entries;
    }

    private static void put(Map<String, Object> fields, String name, Optional<?> value) {
        value.ifPresent(given -> fields.put(name, given));
    }
}
