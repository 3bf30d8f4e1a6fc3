package dev.cresset.mar.cli;

import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the commands call an archive's parts. */
final class Names {
    static final String MANIFEST = "MAR-INF/MANIFEST.json";

    private Names() {}

    /** Returns the last part of a path, fit to print. */
    static String of(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return Plain.text((name == null ? path : name).toString());
    }

    /** Returns how many bytes all entries hold together. */
    static long totalSize(ModelArchive archive) throws IOException {
        long total = 0;
        for (String entry : archive.entries()) {
            total += archive.size(entry);
        }
        return total;
    }

    /** Returns how much room an archive takes on disk; a folder, its files. */
    static long archiveSize(ModelArchive archive) throws IOException {
        return archive.format() == ArchiveFormat.NO_ARCHIVE ? totalSize(archive) : Files.size(archive.path());
    }
}
