package dev.cresset.mar.internal.zip;

import dev.cresset.mar.internal.archive.ArchiveFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The numbers in a zip: lowest byte first, without sign. */
final class ZipBytes {
    /** In place of a number that needs 64 bits, or that follows the data. */
    static final long NOT_HERE = 0xffffffffL;

    private ZipBytes() {}

    /** Reads from a position on; what the file does not hold is missing. */
    static ByteBuffer read(ArchiveFile file, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(position < 0 ? 0 : length);
        return file.readFully(Math.max(position, 0), bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int u16(ByteBuffer bytes, int position) {
        return Short.toUnsignedInt(bytes.getShort(position));
    }

    static long u32(ByteBuffer bytes, int position) {
        return Integer.toUnsignedLong(bytes.getInt(position));
    }
}
