package dev.cresset.mar.internal.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;

/**
 * An archive that is being written, entry by entry.
 *
 * <p>Who opened it closes it; it is whole only after {@code finish}. Failures to write are plain {@link IOException}s, those of
 * a content's source come through as they are. Instances are not safe for use by several threads.
 */
public interface Output extends Closeable {

    /**
     * Adds one entry.
     *
     * @param size how many bytes the content has; it must not end before or after
     */
    void add(String entry, long size, Instant modified, InputStream content) throws IOException;

    /** Writes what an archive ends with. */
    void finish() throws IOException;
}
