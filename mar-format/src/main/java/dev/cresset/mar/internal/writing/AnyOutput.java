package dev.cresset.mar.internal.writing;

import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.internal.archive.Output;
import dev.cresset.mar.internal.folder.FolderOutput;
import dev.cresset.mar.internal.tar.TarOutput;
import dev.cresset.mar.internal.zip.ZipOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;

/** Opens an archive for writing, in any format. */
final class AnyOutput {
    private AnyOutput() {}

    /**
     * Opens an archive at a path that is free.
     *
     * @param name what the files of a tar lie under
     * @param zone whose clock a zip's times follow
     */
    static Output open(Path path, ArchiveFormat format, String name, ZoneId zone) throws IOException {
        return switch (format) {
            case DEFAULT -> ZipOutput.open(path, /* deflate= */ true, zone);
            case ZIP_STORE -> ZipOutput.open(path, /* deflate= */ false, zone);
            case TGZ -> TarOutput.open(path, name);
            case NO_ARCHIVE -> new FolderOutput(Files.createDirectory(path));
        };
    }
}
