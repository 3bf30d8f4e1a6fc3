package dev.cresset.internal.loading;

import static java.util.Objects.requireNonNullElse;

import dev.cresset.ModelLoadException;
import dev.cresset.engine.ModelSource;
import dev.cresset.mar.ArchiveException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Models as files of temporary folders, while they load. */
final class UnpackedModels {

    /** What a model is called while it is unpacked. */
    private static final String FILE = "cresset-model";

    private UnpackedModels() {}

    interface Unpacking {
        void to(Path file) throws IOException;
    }

    static LentSource of(String name, Unpacking unpacking) throws IOException {
        Path folder = temporary(name);
        LentSource lent = new LentSource(
                new ModelSource.InFile(name, folder.resolve(FILE)), Optional.of(folder), Optional.empty());
        boolean success = false;
        try {
            unpacking.to(folder.resolve(FILE));
            success = true;
            return lent;
        } catch (ArchiveException e) {
            if (e.rule() == ArchiveException.Rule.TARGET) {
                throw noPlace(name, requireNonNullElse(e.getCause(), e));
            }
            throw e;
        } finally {
            if (!success) {
                lent.close();
            }
        }
    }

    private static Path temporary(String name) {
        try {
            return Files.createTempDirectory("cresset");
        } catch (IOException e) {
            throw noPlace(name, e);
        }
    }

    private static ModelLoadException noPlace(String name, Throwable cause) {
        return new ModelLoadException(
                "cannot load " + name + ": its model is unpacked to a file while it opens, and "
                        + System.getProperty("java.io.tmpdir") + " does not take it (" + cause
                        + "); -Djava.io.tmpdir=DIR names a folder that can be written to and has room for it",
                cause);
    }

    static void write(ModelSource.InMemory memory, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (ByteBuffer bytes = memory.bytes().duplicate(); bytes.hasRemaining(); ) {
                channel.write(bytes);
            }
        }
    }

    static void nameAgain(Path path, Path file) throws IOException {
        if (path.getFileSystem().equals(FileSystems.getDefault())) {
            Files.createSymbolicLink(file, path.toAbsolutePath());
        } else {
            Files.copy(path, file);
        }
    }
}
