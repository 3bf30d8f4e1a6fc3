package dev.cresset.mar.internal.archive;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Some bytes in the middle of an archive's file; it is an exception when the file ends before they do.
 *
 * <p>Borrows the file. Instances are not safe for use by several threads.
 */
public final class FileSection extends BulkInput {
    private final ArchiveFile file;
    private long position;
    private long left;

    public FileSection(ArchiveFile file, long position, long length) {
        this.file = file;
        this.position = position;
        this.left = length;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        int read = file.read(position, ByteBuffer.wrap(into, offset, (int) Math.min(length, left)));
        if (read < 0) {
            throw new EOFException("the file ends before the entry does");
        }
        position += read;
        left -= read;
        return read;
    }
}
