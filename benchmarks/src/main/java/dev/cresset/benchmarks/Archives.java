package dev.cresset.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Archives around the recorded models, made where they are needed. */
final class Archives {

    private Archives() {}

    /** An archive of a model, without a handler of its own. */
    static Path of(Recorded model) throws IOException {
        Path archive = Files.createTempFile("cresset", ".mar");
        archive.toFile().deleteOnExit();
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry("model.pt"));
            Files.copy(model.torchScript(), zip);
            zip.closeEntry();
            zip.putNextEntry(new ZipEntry("MAR-INF/MANIFEST.json"));
            zip.write("""
                    {"runtime": "python", "model": {"modelName": "m", "modelVersion": "1", "serializedFile": "model.pt"}}""".getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }
        return archive;
    }
}
