package dev.cresset.mar.cli;

import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The archive that a command reads, and how far it is trusted. */
final class ArchiveArgument {
    /** The limits that {@code --trust} lifts. */
    static final List<String> LIFTED = List.of("maxEntryBytes", "maxTotalBytes", "maxCompressionRatio");

    private static final long NO_LIMIT = 1L << 60;

    @Parameters(index = "0", paramLabel = "ARCHIVE", description = "A .mar, a .tar.gz, or a folder.")
    private Path path = Path.of("");

    @Option(
            names = "--trust",
            description =
                    "Opens it however large it is. Without it, more than 4 GiB in one file, 8 GiB in all, or 200 times the"
                            + " compressed size is refused: a small file must not fill a disk.")
    private boolean trust;

    /** Opens the archive; who calls closes it. */
    ModelArchive open() throws IOException {
        return ModelArchive.open(path, trust ? sizesUnlimited() : ArchiveLimits.defaults());
    }

    private static ArchiveLimits sizesUnlimited() {
        return ArchiveLimits.builder()
                .maxEntryBytes(NO_LIMIT)
                .maxTotalBytes(NO_LIMIT)
                .maxCompressionRatio(Integer.MAX_VALUE)
                .build();
    }
}
