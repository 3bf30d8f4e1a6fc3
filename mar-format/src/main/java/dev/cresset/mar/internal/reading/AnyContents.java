package dev.cresset.mar.internal.reading;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.folder.FolderContents;
import dev.cresset.mar.internal.tar.TarContents;
import dev.cresset.mar.internal.zip.ZipContents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Opens an archive's files, whatever holds them. */
public final class AnyContents {
    private static final String MANIFEST_FOLDER = "MAR-INF";
    private static final List<String> NAMES = List.of(".mar", ".tar.gz", ".tgz");

    private AnyContents() {}

    /** Whether there is what an archive alone has; where that cannot be learned, whether the name ends like one's. */
    public static boolean isArchive(Path path, Refusals refusals) throws ArchiveException, IOException {
        if (Files.isDirectory(path)) {
            return Files.isDirectory(path.resolve(MANIFEST_FOLDER));
        }
        String name = refusals.fileName().toLowerCase(Locale.ROOT);
        try (ArchiveFile file = ArchiveFile.open(path, refusals)) {
            return NAMES.stream().anyMatch(name::endsWith) || looksLikeOne(file, refusals);
        }
    }

    private static boolean looksLikeOne(ArchiveFile file, Refusals refusals) {
        try {
            return FileKind.of(file, refusals) != FileKind.ZIP
                    || ZipContents.of(file, ArchiveLimits.defaults(), refusals).names().stream()
                            .anyMatch(entry -> entry.startsWith(MANIFEST_FOLDER + "/"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Opens a folder, a zip or a gzipped tar: told by what is there, not by its name. */
    public static Contents open(Path path, ArchiveLimits limits, Refusals refusals)
            throws ArchiveException, IOException {
        if (Files.isDirectory(path)) {
            return FolderContents.of(path, limits, refusals);
        }
        ArchiveFile file = ArchiveFile.open(path, refusals);
        boolean opened = false;
        try {
            Contents contents = FileKind.of(file, refusals) == FileKind.ZIP
                    ? ZipContents.of(file, limits, refusals)
                    : TarContents.of(file, limits, refusals);
            opened = true;
            return contents;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }
}
