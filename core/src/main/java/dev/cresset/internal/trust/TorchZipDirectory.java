package dev.cresset.internal.trust;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The directory of a saved zip, found and read as LibTorch does: from the end, whatever the file begins with. Used by one thread.
 */
final class TorchZipDirectory {

    private static final int DIRECTORY = 0x02014b50;
    private static final int DIRECTORY_BYTES = 46;
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int END64 = 0x06064b50;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int LOCATOR64_BYTES = 20;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final long IN_EXTRA = 0xffffffffL;

    /** Half a million entries; who has more should not need as much heap. */
    private static final int LARGEST_DIRECTORY = 64 << 20;

    private final TorchZipBytes bytes;

    private TorchZipDirectory(TorchZipBytes bytes) {
        this.bytes = bytes;
    }

    /** What the directory says of an entry; {@code header} is where the entry's own is. */
    record Entry(String name, int method, long checksum, long stored, long size, long header) {}

    /** The entries, in order; nothing if this is no zip. */
    static Optional<List<Entry>> read(TorchZipBytes bytes) throws IOException, DamagedZipException {
        TorchZipDirectory directory = new TorchZipDirectory(bytes);
        Optional<Long> end = directory.findEnd();
        return end.isEmpty() ? Optional.empty() : Optional.of(directory.entries(directory.end(end.get())));
    }

    /** Where the directory is, and how many entries it has. */
    private record End(long entries, long start, long size) {}

    /** Where the zip's end is, whatever the file begins with and whatever follows: LibTorch would open that, too. */
    private Optional<Long> findEnd() throws IOException {
        long size = bytes.size();
        int tail = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
        ByteBuffer last = bytes.read(size - tail, tail);
        int at = tail - END_BYTES;
        while (at >= 0 && last.getInt(at) != END) {
            at--;
        }
        return at < 0 ? Optional.empty() : Optional.of(size - tail + at);
    }

    private End end(long position) throws IOException, DamagedZipException {
        ByteBuffer last = bytes.read(position, END_BYTES);
        End end = new End(
                Short.toUnsignedLong(last.getShort(10)),
                Integer.toUnsignedLong(last.getInt(16)),
                Integer.toUnsignedLong(last.getInt(12)));
        if (position >= END64_BYTES + LOCATOR64_BYTES) {
            ByteBuffer locator = bytes.read(position - LOCATOR64_BYTES, LOCATOR64_BYTES);
            if (locator.getInt(0) == LOCATOR64) {
                end = end64(locator.getLong(8));
            }
        }
        if (end.start < 0 || end.size < 0 || end.start > position - end.size) {
            throw new DamagedZipException("its zip's directory lies outside the file");
        }
        return end;
    }

    private End end64(long position) throws IOException, DamagedZipException {
        bytes.requireInside(position, END64_BYTES, "its zip's end");
        ByteBuffer end = bytes.read(position, END64_BYTES);
        if (end.getInt(0) != END64) {
            throw new DamagedZipException("its zip's end is not where it should be");
        }
        return new End(end.getLong(32), end.getLong(48), end.getLong(40));
    }

    private List<Entry> entries(End end) throws IOException, DamagedZipException {
        if (end.size > LARGEST_DIRECTORY) {
            throw new DamagedZipException("its zip's directory has " + end.size + " bytes");
        }
        byte[] all = new byte[(int) end.size];
        bytes.read(end.start, all, all.length);
        ByteBuffer directory = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        List<Entry> entries = new ArrayList<>();
        while (directory.hasRemaining()) {
            entries.add(entry(directory));
        }
        if (entries.size() != end.entries) {
            throw new DamagedZipException(
                    "its zip's directory has " + entries.size() + " entries, expected " + end.entries);
        }
        return entries;
    }

    private static Entry entry(ByteBuffer directory) throws DamagedZipException {
        if (directory.remaining() < DIRECTORY_BYTES || directory.getInt(directory.position()) != DIRECTORY) {
            throw new DamagedZipException("its zip's directory is no directory");
        }
        ByteBuffer fixed =
                directory.slice(directory.position(), DIRECTORY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int nameBytes = Short.toUnsignedInt(fixed.getShort(28));
        int extraBytes = Short.toUnsignedInt(fixed.getShort(30));
        int commentBytes = Short.toUnsignedInt(fixed.getShort(32));
        directory.position(directory.position() + DIRECTORY_BYTES);
        if (directory.remaining() < nameBytes + extraBytes + commentBytes) {
            throw new DamagedZipException("its zip's directory ends within an entry");
        }
        byte[] name = new byte[nameBytes];
        directory.get(name);
        ByteBuffer extra = directory.slice(directory.position(), extraBytes).order(ByteOrder.LITTLE_ENDIAN);
        directory.position(directory.position() + extraBytes + commentBytes);
        ByteBuffer large = large(extra);
        long size = number(fixed.getInt(24), large);
        long stored = number(fixed.getInt(20), large);
        long header = number(fixed.getInt(42), large);
        return new Entry(
                new String(name, StandardCharsets.UTF_8),
                Short.toUnsignedInt(fixed.getShort(10)),
                Integer.toUnsignedLong(fixed.getInt(16)),
                stored,
                size,
                header);
    }

    /** The numbers of an entry that do not fit their fields, in order; empty if there are none. */
    private static ByteBuffer large(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int id = Short.toUnsignedInt(extra.getShort());
            int length = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
            if (id == 1) {
                return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            extra.position(extra.position() + length);
        }
        return ByteBuffer.allocate(0);
    }

    private static long number(int field, ByteBuffer large) throws DamagedZipException {
        long number = Integer.toUnsignedLong(field);
        if (number != IN_EXTRA) {
            return number;
        }
        if (large.remaining() < Long.BYTES) {
            throw new DamagedZipException("its zip's directory lacks a number");
        }
        return large.getLong();
    }
}
