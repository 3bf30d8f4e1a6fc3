package dev.cresset.mar.internal.archive;

import java.io.File;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Which paths a {@link File} can stand for. */
public final class FileNames {

    private FileNames() {}

    /**
     * Whether a {@code File} leads to the same file. Other file systems, such as a jar's, have none. And where the locale's
     * characters do not include those of a name ({@code LC_ALL=C}), a {@code Path} keeps the name's bytes, a {@code File}
     * only what could be read of them.
     */
    public static boolean isFile(Path path) {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            return false;
        }
        try {
            return path.toFile().toPath().equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
