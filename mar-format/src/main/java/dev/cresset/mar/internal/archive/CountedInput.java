package dev.cresset.mar.internal.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * An archive's file from its start on, with the number of bytes read so far, and a bound on them while one is wanted.
 *
 * <p>Borrows the file. Instances are not safe for use by several threads.
 */
public final class CountedInput extends BulkInput {
    private final ArchiveFile file;
    private long count;
    private long bound = Long.MAX_VALUE;

    public CountedInput(ArchiveFile file) {
        this.file = file;
    }

    public long count() {
        return count;
    }

    /** Lets reads beyond this many bytes fail; {@code Long.MAX_VALUE} lets none. */
    public void bound(long bytes) {
        bound = bytes;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (count >= bound) {
            throw new IOException("a header takes more than " + Refusals.number(bound) + " bytes");
        }
        int read = file.read(count, ByteBuffer.wrap(into, offset, length));
        count += Math.max(read, 0);
        return read;
    }
}
