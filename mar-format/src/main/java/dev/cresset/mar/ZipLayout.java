package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

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
    private static final int DIRECTORY_HEADER = 0x02014b50;
    private static final int LOCAL_HEADER_LENGTH = 30;
    private static final int ENCRYPTED = 1;
    private static final int SIZES_FOLLOW = 1 << 3;

    /** A 64-bit size, or one that follows the data. */
    private static final int NOT_HERE = 0xffffffff;

    /** What an archiver that could not seek writes after the data: with or without signature, short or 64-bit sizes. */
    private static final List<Integer> DESCRIPTOR_LENGTHS = List.of(0, 12, 16, 20, 24);

    private final ArchiveFile file;
    private final Refusals refusals;

    ZipLayout(ArchiveFile file, Refusals refusals) {
        this.file = file;
        this.refusals = refusals;
    }

    void require(Collection<ZipArchiveEntry> entries) throws ArchiveException, IOException {
        List<ZipArchiveEntry> inFile = new ArrayList<>(entries);
        inFile.sort(Comparator.comparingLong(ZipArchiveEntry::getLocalHeaderOffset));
        long end = 0;
        List<Integer> gaps = List.of(0);
        for (ZipArchiveEntry entry : inFile) {
            if (!gaps.contains(gap(end, entry.getLocalHeaderOffset()))) {
                throw refused(
                        entry,
                        "starts at byte " + Refusals.number(entry.getLocalHeaderOffset()) + ", expected "
                                + Refusals.number(end)
                                + ", where the one before it ends: entries overlap or hide data between them");
            }
            requireSameHeader(entry);
            end = end(entry);
            gaps = sizesFollow(entry) ? DESCRIPTOR_LENGTHS : List.of(0);
        }
        requireDirectoryAfter(end, gaps);
    }

    private static int gap(long end, long start) {
        long gap = start - end;
        return gap == (int) gap ? (int) gap : -1;
    }

    private void requireSameHeader(ZipArchiveEntry entry) throws ArchiveException, IOException {
        ByteBuffer header = read(entry.getLocalHeaderOffset(), LOCAL_HEADER_LENGTH);
        if (header.remaining() < LOCAL_HEADER_LENGTH || header.getInt(0) != LOCAL_HEADER) {
            throw refused(entry, "has no local header where the directory says it starts");
        }
        requireSame(entry, "flags", header.getShort(6) & (ENCRYPTED | SIZES_FOLLOW), flags(entry));
        requireSame(entry, "method", header.getShort(8) & 0xffff, entry.getMethod());
        requireSameName(entry, header.getShort(26) & 0xffff);
        if (!sizesFollow(entry)) {
            requireSame(entry, "checksum", Integer.toUnsignedLong(header.getInt(14)), entry.getCrc());
            requireSameSize(entry, "compressed size", header.getInt(18), entry.getCompressedSize());
            requireSameSize(entry, "size", header.getInt(22), entry.getSize());
        }
    }

    private void requireSameName(ZipArchiveEntry entry, int length) throws ArchiveException, IOException {
        ByteBuffer name = read(entry.getLocalHeaderOffset() + LOCAL_HEADER_LENGTH, length);
        if (!name.equals(ByteBuffer.wrap(entry.getRawName()))) {
            throw refused(entry, "has another name in its local header than in the directory");
        }
    }

    private void requireSameSize(ZipArchiveEntry entry, String what, int local, long listed) throws ArchiveException {
        if (local != NOT_HERE) {
            requireSame(entry, what, local & 0xffffffffL, listed);
        }
    }

    private void requireSame(ZipArchiveEntry entry, String what, long local, long listed) throws ArchiveException {
        if (local != listed) {
            throw refused(
                    entry,
                    "has " + what + " " + Refusals.number(local) + " in its local header and " + Refusals.number(listed)
                            + " in the directory");
        }
    }

    private long end(ZipArchiveEntry entry) throws ArchiveException {
        // Compared by subtraction: both numbers come from the file, and their sum may not fit.
        if (entry.getDataOffset() > file.size() || entry.getCompressedSize() > file.size() - entry.getDataOffset()) {
            throw refused(entry, "ends beyond the end of the file");
        }
        return entry.getDataOffset() + entry.getCompressedSize();
    }

    private void requireDirectoryAfter(long end, List<Integer> gaps) throws ArchiveException, IOException {
        for (int gap : gaps) {
            ByteBuffer header = read(end + gap, Integer.BYTES);
            if (header.remaining() == Integer.BYTES && header.getInt(0) == DIRECTORY_HEADER) {
                return;
            }
        }
        throw refusals.archive(
                Rule.DAMAGED,
                "between its last entry, which ends at byte " + Refusals.number(end)
                        + ", and its directory lies data that is not listed; the file is damaged or forged, build or"
                        + " copy it again");
    }

    private ByteBuffer read(long position, int length) throws IOException {
        return file.readFully(position, ByteBuffer.allocate(length)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static boolean sizesFollow(ZipArchiveEntry entry) {
        return (entry.getRawFlag() & SIZES_FOLLOW) != 0;
    }

    private static int flags(ZipArchiveEntry entry) {
        return entry.getRawFlag() & (ENCRYPTED | SIZES_FOLLOW);
    }

    private ArchiveException refused(ZipArchiveEntry entry, String what) {
        return refusals.entry(
                Rule.DAMAGED, entry.getName(), what + "; the file is damaged or forged, build or copy it again");
    }
}
