package dev.cresset.mar.internal.zip;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.EntrySizes;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where a zip's directory lies and how many entries it lists, as the records at the file's end have it.
 *
 * <p>Readers differ in which record they take when there are several, in what they make of bytes before and behind it, and in
 * whether they count entries or bytes. So there must be one record, at the very end but for its comment, right behind the
 * directory, and all its numbers must fit.
 *
 * @param directory the first byte of the directory
 * @param size the directory's size in bytes
 * @param entries how many entries it lists
 */
record EndOfCentralDirectory(long directory, long size, int entries) {
    private static final int RECORD = 0x06054b50;
    private static final int RECORD_LENGTH = 22;
    private static final int LONGEST_COMMENT = 0xffff;

    /** What zips of more than 4 GiB or 65,535 entries have in addition, right before the record. */
    private static final int WIDE_RECORD = 0x06064b50;

    private static final int WIDE_RECORD_LENGTH = 56;
    private static final int LOCATOR = 0x07064b50;
    private static final int LOCATOR_LENGTH = 20;

    static EndOfCentralDirectory of(ArchiveFile file, ArchiveLimits limits, Refusals refusals)
            throws ArchiveException, IOException {
        return new Finder(file, refusals).find(limits);
    }

    private record Finder(ArchiveFile file, Refusals refusals) {

        EndOfCentralDirectory find(ArchiveLimits limits) throws ArchiveException, IOException {
            long position = position();
            ByteBuffer record = ZipBytes.read(file, position, RECORD_LENGTH);
            require(position + RECORD_LENGTH + ZipBytes.u16(record, 20) == file.size(), "data lies behind it");
            require(ZipBytes.u16(record, 4) == 0 && ZipBytes.u16(record, 6) == 0, "it is one part of several");
            require(ZipBytes.u16(record, 8) == ZipBytes.u16(record, 10), "it tells two numbers of entries");
            long entries = ZipBytes.u16(record, 10);
            long size = ZipBytes.u32(record, 12);
            long directory = ZipBytes.u32(record, 16);
            long end = position;
            ByteBuffer locator = ZipBytes.read(file, position - LOCATOR_LENGTH, LOCATOR_LENGTH);
            if (locator.remaining() == LOCATOR_LENGTH && locator.getInt(0) == LOCATOR) {
                end = position - LOCATOR_LENGTH - WIDE_RECORD_LENGTH;
                ByteBuffer wide = wide(locator, end);
                entries = same(entries, 0xffff, wide.getLong(32));
                size = same(size, ZipBytes.NOT_HERE, wide.getLong(40));
                directory = same(directory, ZipBytes.NOT_HERE, wide.getLong(48));
            }
            // By subtraction: numbers from outside, whose sum may not fit.
            if (directory < 0 || directory > end || size != end - directory) {
                throw wrong("its directory of " + Refusals.number(size) + " bytes at byte " + Refusals.number(directory)
                        + " does not reach to it, at byte " + Refusals.number(end));
            }
            return within(
                    limits, new EndOfCentralDirectory(directory, size, (int) Math.min(entries, Integer.MAX_VALUE)));
        }

        /** Finds the last record; any other, in a comment or in an entry, is somebody's content. */
        private long position() throws ArchiveException, IOException {
            long last = file.size() - RECORD_LENGTH;
            ByteBuffer record = ZipBytes.read(file, last, RECORD_LENGTH);
            if (record.remaining() == RECORD_LENGTH && record.getInt(0) == RECORD) {
                return last;
            }
            long first = Math.max(0, last - LONGEST_COMMENT);
            ByteBuffer tail = ZipBytes.read(file, first, RECORD_LENGTH + LONGEST_COMMENT);
            for (int position = tail.remaining() - RECORD_LENGTH; position >= 0; position--) {
                if (tail.getInt(position) == RECORD) {
                    return first + position;
                }
            }
            throw refusals.archive(
                    Rule.DAMAGED,
                    "starts like a zip, but the directory at its end is missing; the file, of "
                            + Refusals.number(file.size()) + " bytes, is probably cut short, copy or build it again");
        }

        private ByteBuffer wide(ByteBuffer locator, long position) throws ArchiveException, IOException {
            ByteBuffer wide = ZipBytes.read(file, position, WIDE_RECORD_LENGTH);
            require(
                    locator.getInt(4) == 0
                            && locator.getInt(16) <= 1
                            && locator.getLong(8) == position
                            && wide.remaining() == WIDE_RECORD_LENGTH
                            && wide.getInt(0) == WIDE_RECORD
                            && wide.getLong(4) == WIDE_RECORD_LENGTH - 12,
                    "its 64-bit part is not where it should be");
            require(wide.getInt(16) == 0 && wide.getInt(20) == 0, "it is one part of several");
            require(wide.getLong(24) == wide.getLong(32), "it tells two numbers of entries");
            require(wide.getLong(32) >= 0, "it tells a negative number of entries");
            return wide;
        }

        private long same(long narrow, long notHere, long wide) throws ArchiveException {
            require(narrow == notHere || narrow == wide, "its 64-bit part tells other numbers");
            return wide;
        }

        private EndOfCentralDirectory within(ArchiveLimits limits, EndOfCentralDirectory end) throws ArchiveException {
            if (end.entries > limits.maxEntries()) {
                throw new EntrySizes(limits, refusals).tooManyEntries();
            }
            if (end.size > Math.min(limits.maxDirectoryBytes(), Contents.LARGEST_ARRAY)) {
                throw refusals.archive(
                        Rule.LIMIT,
                        "its directory takes " + Refusals.number(end.size) + " bytes, more than "
                                + Refusals.number(limits.maxDirectoryBytes())
                                + "; raise ArchiveLimits.maxDirectoryBytes if you trust this file");
            }
            return end;
        }

        private void require(boolean right, String otherwise) throws ArchiveException {
            if (!right) {
                throw wrong(otherwise);
            }
        }

        private ArchiveException wrong(String how) {
            return refusals.archive(
                    Rule.DAMAGED,
                    "starts like a zip, but the record at its end is wrong: " + how + "; the file, of "
                            + Refusals.number(file.size()) + " bytes, is damaged or forged, copy or build it again");
        }
    }
}
