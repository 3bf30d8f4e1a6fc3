package dev.cresset.mar.internal.archive;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32;

/**
 * The content of one entry, held to the size and the checksum that were known when the archive was opened.
 *
 * <p>A longer, shorter or other content is an exception, and no later than in the read that would give the last byte: who
 * reads as many bytes as there should be, and does not ask for the end, learns of it, too. Who opened it closes it; once the archive is closed every read is an {@link IllegalStateException}.
 *
 * <p>Instances are not safe for use by several threads, but closing the archive meanwhile is.
 */
public final class EntryStream extends BulkInput {
    /** The JDK copies each read of a file through native memory as large as the read. */
    private static final int LARGEST_READ = 1 << 16;

    /** In place of a checksum, for files in a folder, which have none. */
    public static final long UNKNOWN = -1;

    private final InputStream in;
    private final String entry;
    private final long size;
    private final long checksum;
    private final Contents contents;
    private final CRC32 crc = new CRC32();
    private long count;
    private boolean closed;

    public EntryStream(InputStream in, String entry, long size, long checksum, Contents contents) {
        this.in = in;
        this.entry = entry;
        this.size = size;
        this.checksum = checksum;
        this.contents = contents;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        requireOpen();
        if (length == 0) {
            return 0;
        }
        int read;
        try {
            read = in.read(into, offset, Math.min(length, LARGEST_READ));
        } catch (IOException | RuntimeException e) {
            throw failed(entry, contents, e);
        }
        if (read < 0) {
            requireWhole();
            return -1;
        }
        count += read;
        if (count > size) {
            throw tooLong();
        }
        crc.update(into, offset, read);
        if (count == size) {
            requireEnd();
        }
        return read;
    }

    /** All is read that should be there: now nothing may follow, and the checksum must be right. */
    private void requireEnd() throws IOException {
        int next;
        try {
            next = in.read();
        } catch (IOException | RuntimeException e) {
            throw failed(entry, contents, e);
        }
        if (next >= 0) {
            throw tooLong();
        }
        requireWhole();
    }

    private ArchiveException tooLong() {
        return damaged("holds more than the " + Refusals.number(size) + " bytes that it declares");
    }

    private void requireOpen() throws IOException {
        if (!contents.isOpen()) {
            throw contents.refusals.closed();
        }
        if (closed) {
            throw new IOException(
                    contents.refusals.archiveName() + ": the stream of " + Refusals.quoted(entry) + " is closed");
        }
    }

    private void requireWhole() throws ArchiveException {
        if (count < size) {
            throw damaged("ends after " + Refusals.number(count) + " bytes, expected " + Refusals.number(size));
        }
        if (checksum != UNKNOWN && crc.getValue() != checksum) {
            throw damaged(String.format("has checksum %08x, expected %08x", crc.getValue(), checksum));
        }
    }

    private ArchiveException damaged(String what) {
        return contents.refusals.entry(Rule.DAMAGED, entry, what + "; the file is damaged, build or copy it again");
    }

    /** Says what a failed read means: that the archive was closed meanwhile, or that it is damaged. */
    public static ArchiveException failed(String entry, Contents contents, Exception cause) {
        if (!contents.isOpen()) {
            throw contents.refusals.closed();
        }
        if (cause instanceof ArchiveException refusal) {
            return refusal;
        }
        return contents.refusals.entry(
                Rule.DAMAGED,
                entry,
                "cannot be read " + Refusals.reason(cause) + "; the file is damaged or changed, build or copy it again",
                cause);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        in.close();
    }
}
