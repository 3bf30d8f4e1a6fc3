package dev.cresset.mar;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;

/**
 * An archive that is being written, entry by entry.
 *
 * <p>Who opened it closes it; it is whole only after {@code finish}. Failures to write are plain {@link IOException}s, those of
 * a content's source come through as they are. Instances are not safe for use by several threads.
 */
interface Output extends Closeable {

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

    /**
     * Adds one entry.
     *
     * @param size how many bytes the content has; it must not end before or after
     */
    void add(String entry, long size, Instant modified, InputStream content) throws IOException;

    /** Writes what an archive ends with. */
    void finish() throws IOException;
}
