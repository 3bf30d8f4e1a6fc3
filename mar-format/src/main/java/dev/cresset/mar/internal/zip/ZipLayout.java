package dev.cresset.mar.internal.zip;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the entries lie in a zip file: header and data of one right after the other from the first byte on, then the
 * directory.
 *
 * <p>A zip says everything twice, in a local header before each entry and in the directory at the end. TorchServe reads
 * the former, this library the latter. Where the two disagree, overlap or leave room for what only one of them sees, a
 * file could be one model to the scanner that approved it and another to the program that runs it. Such files are
 * refused; no archiver writes them.
 */
final class ZipLayout {
    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int LOCAL_HEADER_LENGTH = 30;
    private static final int USUAL_EXTRA = 64;
    private static final int SIZES = 0x08074b50;

    private final ArchiveFile file;
    private final Refusals refusals;

    ZipLayout(ArchiveFile file, Refusals refusals) {
        this.file = file;
        this.refusals = refusals;
    }

    /** Returns the entries by name, in no order, once all lie as they should before the directory. */
    Map<String, ZipItem> items(Collection<ZipHeader> headers, long directory) throws ArchiveException, IOException {
        List<ZipHeader> inFile = new ArrayList<>(headers);
        inFile.sort(Comparator.comparingLong(ZipHeader::offset));
        Map<String, ZipItem> items = new HashMap<>();
        long end = 0;
        for (int i = 0; i < inFile.size(); i++) {
            ZipHeader header = inFile.get(i);
            if (header.offset() != end) {
                throw refused(
                        header,
                        "starts at byte " + Refusals.number(header.offset()) + ", expected " + Refusals.number(end)
                                + ", where the one before it ends: entries overlap or hide data between them");
            }
            ZipItem item = new ZipItem(header, data(header));
            items.put(header.name(), item);
            long next = i + 1 < inFile.size() ? inFile.get(i + 1).offset() : directory;
            end = end(item, next, directory);
        }
        if (end != directory) {
            throw refusals.archive(
                    Rule.DAMAGED,
                    "between its last entry, which ends at byte " + Refusals.number(end)
                            + ", and its directory at byte "
                            + Refusals.number(directory)
                            + " lies data that is not listed; the file is damaged or forged, build or copy it again");
        }
        return items;
    }

    /** Returns where the data begin, behind a header that says what the directory says. */
    private long data(ZipHeader header) throws ArchiveException, IOException {
        ByteBuffer name = StandardCharsets.UTF_8.encode(header.name());
        // In one read, as it mostly is: the name is the right one, and the extra fields are few.
        ByteBuffer local = ZipBytes.read(file, header.offset(), LOCAL_HEADER_LENGTH + name.remaining() + USUAL_EXTRA);
        if (local.remaining() < LOCAL_HEADER_LENGTH || local.getInt(0) != LOCAL_HEADER) {
            throw refused(header, "has no local header where the directory says it starts");
        }
        int harmless = ZipHeader.HARMLESS & ~ZipHeader.SIZES_FOLLOW;
        requireSame(header, "flags", ZipBytes.u16(local, 6) & ~harmless, header.flags() & ~harmless);
        requireSame(header, "method", ZipBytes.u16(local, 8), header.method());
        int nameLength = ZipBytes.u16(local, 26);
        int extraLength = ZipBytes.u16(local, 28);
        int length = LOCAL_HEADER_LENGTH + nameLength + extraLength;
        if (local.remaining() < length) {
            local = ZipBytes.read(file, header.offset(), length);
        }
        if (local.remaining() < length) {
            throw refused(header, "has a local header that the end of the file cuts off");
        }
        if (!local.slice(LOCAL_HEADER_LENGTH, nameLength).equals(name)) {
            throw refused(header, "has another name in its local header than in the directory");
        }
        ByteBuffer extraFields = local.slice(LOCAL_HEADER_LENGTH + nameLength, extraLength);
        ZipExtra extra = ZipExtra.of(extraFields.order(ByteOrder.LITTLE_ENDIAN), header.name(), refusals);
        if (!header.sizesFollow()) {
            requireSame(header, "checksum", ZipBytes.u32(local, 14), header.checksum());
            requireSame(header, "size", extra.wide(ZipBytes.u32(local, 22)), header.size());
            requireSame(header, "compressed size", extra.wide(ZipBytes.u32(local, 18)), header.compressedSize());
        }
        return header.offset() + length;
    }

    private void requireSame(ZipHeader header, String what, long local, long listed) throws ArchiveException {
        if (local != listed) {
            throw refused(
                    header,
                    "has " + what + " " + Refusals.number(local) + " in its local header and " + Refusals.number(listed)
                            + " in the directory");
        }
    }

    /** Returns where the entry ends: with its data, or with the sizes behind them. */
    private long end(ZipItem item, long next, long directory) throws ArchiveException, IOException {
        ZipHeader header = item.header();
        // By subtraction: both numbers come from the file, and their sum may not fit.
        if (item.data() > directory || header.compressedSize() > directory - item.data()) {
            throw refused(header, "ends beyond the start of the directory");
        }
        long end = item.data() + header.compressedSize();
        if (!header.sizesFollow()) {
            return end;
        }
        if (!isDescribed(header, end, next - end)) {
            throw refused(header, "is not followed by its sizes and its checksum, as it says it is");
        }
        return next;
    }

    /** Archivers write this with a signature or without, and with sizes of 32 bits or of 64. */
    private boolean isDescribed(ZipHeader header, long position, long length) throws IOException {
        if (length != 12 && length != 16 && length != 20 && length != 24) {
            return false;
        }
        ByteBuffer sizes = ZipBytes.read(file, position, (int) length);
        if (sizes.remaining() < length || (length % 8 == 0 && sizes.getInt() != SIZES)) {
            return false;
        }
        boolean wide = length >= 20;
        return Integer.toUnsignedLong(sizes.getInt()) == header.checksum()
                && number(sizes, wide) == header.compressedSize()
                && number(sizes, wide) == header.size();
    }

    private static long number(ByteBuffer bytes, boolean wide) {
        return wide ? bytes.getLong() : Integer.toUnsignedLong(bytes.getInt());
    }

    private ArchiveException refused(ZipHeader header, String what) {
        return refusals.entry(
                Rule.DAMAGED, header.name(), what + "; the file is damaged or forged, build or copy it again");
    }
}
