package dev.cresset.mar.cli;

import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.ModelArchive;
import dev.cresset.pt2.Pt2Archive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The archive that a command reads, and how far it is trusted. */
final class ArchiveArgument {
    /** The limits that {@code --trust} lifts. */
    static final List<String> LIFTED = List.of("maxEntryBytes", "maxTotalBytes", "maxCompressionRatio");

    private static final long NO_LIMIT = 1L << 60;

    @Parameters(index = "0", paramLabel = "ARCHIVE", description = "A .mar, a .tar.gz, a folder, or a .pt2.")
    private Path path = Path.of("");

    @Option(
            names = "--trust",
            description =
                    "Opens it however large it is. Without it, more than 4 GiB in one file, 8 GiB in all, or 200 times the"
                            + " compressed size is refused: a small file must not fill a disk.")
    private boolean trust;

    /** Says whether it is a {@code .pt2}, and not a model archive. */
    boolean isPt2() throws IOException {
        return Files.isRegularFile(path) && Pt2Archive.isPt2(path);
    }

    /** Opens the archive; who calls closes it. */
    ModelArchive open() throws IOException {
        return ModelArchive.open(path, limits());
    }

    /** Opens the {@code .pt2}; who calls closes it. */
    Pt2Archive openPrograms() throws IOException {
        return Pt2Archive.open(path, limits());
    }

    private ArchiveLimits limits() {
        return trust ? sizesUnlimited() : ArchiveLimits.defaults();
    }

    private static ArchiveLimits sizesUnlimited() {
        return ArchiveLimits.builder()
                .maxEntryBytes(NO_LIMIT)
                .maxTotalBytes(NO_LIMIT)
                .maxCompressionRatio(Integer.MAX_VALUE)
                .build();
    }
}
