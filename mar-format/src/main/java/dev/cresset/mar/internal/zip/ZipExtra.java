package dev.cresset.mar.internal.zip;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The fields that a header may have in addition, as far as they change what it says: numbers of 64 bits, handed out one by
 * one, and the name in Unicode, which must be the name.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class ZipExtra {
    private static final int WIDE_NUMBERS = 0x0001;
    private static final int UNICODE_NAME = 0x7075;

    /** Its version and the checksum of the name. */
    private static final int BEFORE_UNICODE_NAME = 5;

    private final String entry;
    private final Refusals refusals;
    private ByteBuffer wideNumbers = ByteBuffer.allocate(0);

    private ZipExtra(String entry, Refusals refusals) {
        this.entry = entry;
        this.refusals = refusals;
    }

    static ZipExtra of(ByteBuffer fields, String entry, Refusals refusals) throws ArchiveException {
        ZipExtra extra = new ZipExtra(entry, refusals);
        while (fields.hasRemaining()) {
            extra.require(fields.remaining() >= 4, "ends within an extra field");
            int id = Short.toUnsignedInt(fields.getShort());
            int length = Short.toUnsignedInt(fields.getShort());
            extra.require(fields.remaining() >= length, "ends within an extra field");
            extra.take(id, fields.slice(fields.position(), length).order(ByteOrder.LITTLE_ENDIAN));
            fields.position(fields.position() + length);
        }
        return extra;
    }

    private void take(int id, ByteBuffer content) throws ArchiveException {
        if (id == WIDE_NUMBERS) {
            require(!wideNumbers.hasRemaining(), "tells its 64-bit numbers twice");
            wideNumbers = content;
        } else if (id == UNICODE_NAME) {
            require(content.remaining() >= BEFORE_UNICODE_NAME, "ends within an extra field");
            String name = StandardCharsets.UTF_8
                    .decode(content.position(BEFORE_UNICODE_NAME))
                    .toString();
            require(name.equals(entry), "is " + Refusals.quoted(name) + " to readers of its name in Unicode");
        }
    }

    /** Returns the number, or where it is only a mark, the next one of 64 bits. */
    long wide(long number) throws ArchiveException {
        if (number != ZipBytes.NOT_HERE) {
            return number;
        }
        require(wideNumbers.remaining() >= Long.BYTES, "lacks a 64-bit number");
        return wideNumbers.getLong();
    }

    private void require(boolean right, String otherwise) throws ArchiveException {
        if (!right) {
            throw refusals.entry(
                    Rule.DAMAGED,
                    entry,
                    otherwise + " in its header; the file is damaged or forged, build or copy it again");
        }
    }
}
