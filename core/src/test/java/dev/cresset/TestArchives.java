package dev.cresset;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small archives whose model is one of the fake engine's modules. */
public final class TestArchives {

    private TestArchives() {}

    /** An archive whose serialized file holds this text. */
    public static Path fake(Path folder, String name, String module, String handler) throws IOException {
        return write(
                folder.resolve(name + ".mar"),
                manifest(name, handler, "\"serializedFile\": \"model.pt\""),
                "model.pt",
                module);
    }

    /** An archive at this path, of a model of this version. */
    public static Path versioned(Path path, String name, String version, String module) throws IOException {
        String manifest = manifest(name, "none", "\"serializedFile\": \"model.pt\"")
                .replace("\"modelVersion\": \"1.0\"", "\"modelVersion\": \"" + version + "\"");
        return write(path, manifest, "model.pt", module);
    }

    public static String manifest(String name, String handler, String more) {
        return """
                {"runtime": "python", "model": {"modelName": "%s", "modelVersion": "1.0", "handler": "%s"%s}}""".formatted(name, handler, more.isEmpty() ? "" : ", " + more);
    }

    /** An archive of a manifest, and of more files: name, content, name, content. */
    public static Path write(Path path, String manifest, String... files) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        for (int i = 0; i < files.length; i += 2) {
            entries.put(files[i], files[i + 1]);
        }
        return write(path, manifest, entries);
    }

    /** An archive of a manifest, and of more files. */
    public static Path write(Path path, String manifest, Map<String, String> entries) throws IOException {
        try (OutputStream out = Files.newOutputStream(path);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                put(zip, entry.getKey(), entry.getValue());
            }
            put(zip, "MAR-INF/MANIFEST.json", manifest);
        }
        return path;
    }

    private static void put(ZipOutputStream zip, String entry, String content) throws IOException {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write(content.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }
}
