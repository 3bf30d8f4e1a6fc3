package dev.cresset.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A model's file on this machine, while the model is opened; a copy is deleted by the close. Used by one thread. */
final class LocalFile implements AutoCloseable {

    /** Writes a copy. */
    interface Writer {
        void write(Path target) throws IOException;
    }

    private final Path path;
    private final @Nullable Path folder;

    private LocalFile(Path path, @Nullable Path folder) {
        this.path = path;
        this.folder = folder;
    }

    static LocalFile inPlace(Path path) {
        return new LocalFile(path, null);
    }

    /** A copy that bears the file's name: messages call a model by it. */
    static LocalFile copyOf(String name, Writer writer) throws IOException {
        Path folder = Files.createTempDirectory("cresset-spark-");
        LocalFile file = new LocalFile(folder.resolve(name), folder);
        boolean success = false;
        try {
            writer.write(file.path);
            success = true;
            return file;
        } finally {
            if (!success) {
                file.close();
            }
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (folder != null) {
            Files.deleteIfExists(path);
            Files.deleteIfExists(folder);
        }
    }
}
