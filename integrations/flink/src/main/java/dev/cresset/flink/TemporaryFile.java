package dev.cresset.flink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file in a folder of its own, under its own name, for as long as a model takes to open. Closing it deletes both. */
record TemporaryFile(Path path) implements AutoCloseable {

    static TemporaryFile of(String name, InputStream bytes) throws IOException {
        TemporaryFile file =
                new TemporaryFile(Files.createTempDirectory("cresset-flink").resolve(name));
        boolean success = false;
        try {
            Files.copy(bytes, file.path);
            success = true;
            return file;
        } finally {
            if (!success) {
                file.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
        Path folder = path.getParent();
        if (folder != null) {
            Files.deleteIfExists(folder);
        }
    }
}
