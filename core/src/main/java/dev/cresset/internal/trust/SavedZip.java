package dev.cresset.internal.trust;

import dev.cresset.ModelLoadException;
import dev.cresset.internal.Beside;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The zip that {@code torch.jit.save} writes, held to its own checksums before an engine sees it: LibTorch does not look at
 * them, and would compute with whatever a damaged file holds.
 *
 * <p>Entries are found as LibTorch finds them, by the directory at the end and the lengths in each entry's own header. A
 * checksum of zero is none: writers that were told to leave checksums out ({@code set_crc32_options(False)} of {@code
 * torch.serialization}) write that, and there is nothing to hold such an entry to. What is no zip at all is left to the
 * engine, which says so.
 *
 * <p>Used by one thread.
 */
public final class SavedZip {

    private static final int ENTRY = 0x04034b50;
    private static final int ENTRY_BYTES = 30;
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

    private static final int STORED = 0;
    private static final int DEFLATED = 8;

    /** Fewer bytes are summed by the time a thread has started. */
    private static final int WORTH_A_THREAD = 1 << 20;

    /** No entry is read here that has more bytes. */
    public static final int LARGEST_READ = 64 << 20;

    private final String model;
    private final Bytes bytes;
    private final Reader reader;
    private final byte[] buffer = new byte[1 << 16];
    private final byte[] inflated = new byte[1 << 13];

    /** Who looks into entries, once they have been found whole. */
    public interface Reader {
        /** Who looks into none. */
        Reader NONE = new Reader() {
            @Override
            public boolean wants(String entry, long size) {
                return false;
            }

            @Override
            public void read(String entry, byte[] content) {}

            @Override
            public void tooLarge(String entry, long size) {}
        };

        /** Whether to read an entry of so many bytes at all; asked of every entry, once or more. */
        boolean wants(String entry, long size);

        /** Looks into one; throws what the caller of {@link SavedZip#check} is to get. */
        void read(String entry, byte[] content);

        /** Told of one that is wanted, but larger than {@link #LARGEST_READ}. */
        void tooLarge(String entry, long size);

        /** Told when all entries have been found whole; throws as {@link #read} does. */
        default void end() {}
    }

    /** Where the zip is. Used by one thread, which closes it. */
    private interface Bytes extends Closeable {
        long size() throws IOException;

        void read(long position, byte[] into, int count) throws IOException;

        /** The same once more, for another thread. */
        Bytes again() throws IOException;

        @Override
        default void close() throws IOException {}
    }

    /** Not a channel, which the interrupt of a thread would close. */
    private record InFile(Path path, RandomAccessFile file) implements Bytes {

        static InFile open(Path path) throws IOException {
            return new InFile(path, new RandomAccessFile(path.toFile(), "r"));
        }

        @Override
        public long size() throws IOException {
            return file.length();
        }

        @Override
        public void read(long position, byte[] into, int count) throws IOException {
            file.seek(position);
            file.readFully(into, 0, count);
        }

        @Override
        public Bytes again() throws IOException {
            return open(path);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private record InMemory(ByteBuffer zip) implements Bytes {

        @Override
        public long size() {
            return zip.limit();
        }

        @Override
        public void read(long position, byte[] into, int count) {
            zip.get((int) position, into, 0, count);
        }

        @Override
        public Bytes again() {
            return this;
        }
    }

    private record Entry(String name, int method, long checksum, long stored, long size, long header) {}

    /** What the zip says of itself cannot be. */
    private static final class DamagedException extends Exception {
        private static final long serialVersionUID = 1L;

        DamagedException(String what) {
            super(what);
        }
    }

    private SavedZip(String model, Bytes bytes, Reader reader) {
        this.model = model;
        this.bytes = bytes;
        this.reader = reader;
    }

    /**
     * Checks a file, and returns a digest of its entries' names, sizes and checksums: what tells it from other modules, and
     * costs no second reading. Empty if it is no zip.
     *
     * @throws ModelLoadException if it is damaged, or cannot be read
     */
    public static Optional<String> check(String model, Path path, Reader reader) {
        return check(model, () -> InFile.open(path), reader);
    }

    /** Checks a buffer's remaining bytes; see {@link #check(String, Path, Reader)}. */
    public static Optional<String> check(String model, ByteBuffer memory, Reader reader) {
        return check(model, () -> new InMemory(memory.slice()), reader);
    }

    private interface Opening {
        Bytes open() throws IOException;
    }

    private static Optional<String> check(String model, Opening opening, Reader reader) {
        try (Bytes bytes = opening.open()) {
            return new SavedZip(model, bytes, reader).check();
        } catch (IOException e) {
            throw new ModelLoadException("cannot load " + model + ": it cannot be read: " + e.getMessage(), e);
        } catch (DamagedException e) {
            throw new ModelLoadException(
                    "cannot load " + model + ": " + e.getMessage()
                            + "; the file is damaged or cut short, copy or save it again",
                    e);
        }
    }

    private Optional<String> check() throws IOException, DamagedException {
        Optional<Long> end = findEnd();
        if (end.isPresent()) {
            List<Entry> entries = entries(end(end.get()));
            long[] checksums = checksums(entries);
            reader.end();
            Fingerprint fingerprint = new Fingerprint();
            for (int i = 0; i < checksums.length; i++) {
                fingerprint.add(entries.get(i).name, entries.get(i).size, checksums[i]);
            }
            return Optional.of(fingerprint.toString());
        }
        if (bytes.size() >= Integer.BYTES && read(0, Integer.BYTES).getInt(0) == ENTRY) {
            throw new DamagedException("it is a zip without its end, of " + bytes.size() + " bytes");
        }
        return Optional.empty();
    }

    /** Of all entries, in order. Those that nobody looks into, the weights, are summed on a thread of their own, if they are many bytes. */
    private long[] checksums(List<Entry> entries) throws IOException, DamagedException {
        BitSet aside = aside(entries);
        BitSet here = new BitSet();
        here.set(0, entries.size());
        here.andNot(aside);
        if (aside.isEmpty()) {
            return checksums(entries, here);
        }
        Opening again = bytes::again;
        try (Beside<long[]> others = Beside.start("cresset-checksums", () -> {
            try (Bytes own = again.open()) {
                return new SavedZip(model, own, Reader.NONE).checksums(entries, aside);
            }
        })) {
            long[] checksums = checksums(entries, here);
            long[] more = others.get();
            aside.stream().forEach(i -> checksums[i] = more[i]);
            return checksums;
        } catch (IllegalStateException e) {
            if (e.getCause() instanceof IOException unreadable) {
                throw unreadable;
            }
            if (e.getCause() instanceof DamagedException damaged) {
                throw damaged;
            }
            throw e;
        }
    }

    private BitSet aside(List<Entry> entries) {
        BitSet aside = new BitSet();
        long size = 0;
        for (int i = 0; i < entries.size(); i++) {
            if (!reader.wants(entries.get(i).name, entries.get(i).size)) {
                aside.set(i);
                size += entries.get(i).stored;
            }
        }
        return size < WORTH_A_THREAD || Runtime.getRuntime().availableProcessors() == 1 ? new BitSet() : aside;
    }

    private long[] checksums(List<Entry> entries, BitSet which) throws IOException, DamagedException {
        long[] checksums = new long[entries.size()];
        for (int i = which.nextSetBit(0); i >= 0; i = which.nextSetBit(i + 1)) {
            checksums[i] = check(entries.get(i));
        }
        return checksums;
    }

    /** Where the directory is, and how many entries it has. */
    private record End(long entries, long start, long size) {}

    /** Where the zip's end is, whatever the file begins with and whatever follows: LibTorch would open that, too. */
    private Optional<Long> findEnd() throws IOException {
        long size = bytes.size();
        int tail = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
        ByteBuffer last = read(size - tail, tail);
        int at = tail - END_BYTES;
        while (at >= 0 && last.getInt(at) != END) {
            at--;
        }
        return at < 0 ? Optional.empty() : Optional.of(size - tail + at);
    }

    private End end(long position) throws IOException, DamagedException {
        ByteBuffer last = read(position, END_BYTES);
        End end = new End(
                Short.toUnsignedLong(last.getShort(10)),
                Integer.toUnsignedLong(last.getInt(16)),
                Integer.toUnsignedLong(last.getInt(12)));
        if (position >= END64_BYTES + LOCATOR64_BYTES) {
            ByteBuffer locator = read(position - LOCATOR64_BYTES, LOCATOR64_BYTES);
            if (locator.getInt(0) == LOCATOR64) {
                end = end64(locator.getLong(8));
            }
        }
        if (end.start < 0 || end.size < 0 || end.start > position - end.size) {
            throw new DamagedException("its zip's directory lies outside the file");
        }
        return end;
    }

    private End end64(long position) throws IOException, DamagedException {
        requireInside(position, END64_BYTES, "its zip's end");
        ByteBuffer end = read(position, END64_BYTES);
        if (end.getInt(0) != END64) {
            throw new DamagedException("its zip's end is not where it should be");
        }
        return new End(end.getLong(32), end.getLong(48), end.getLong(40));
    }

    private List<Entry> entries(End end) throws IOException, DamagedException {
        if (end.size > LARGEST_DIRECTORY) {
            throw new DamagedException("its zip's directory has " + end.size + " bytes");
        }
        byte[] all = new byte[(int) end.size];
        bytes.read(end.start, all, all.length);
        ByteBuffer directory = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        List<Entry> entries = new ArrayList<>();
        while (directory.hasRemaining()) {
            entries.add(entry(directory));
        }
        if (entries.size() != end.entries) {
            throw new DamagedException(
                    "its zip's directory has " + entries.size() + " entries, expected " + end.entries);
        }
        return entries;
    }

    private static Entry entry(ByteBuffer directory) throws DamagedException {
        if (directory.remaining() < DIRECTORY_BYTES || directory.getInt(directory.position()) != DIRECTORY) {
            throw new DamagedException("its zip's directory is no directory");
        }
        ByteBuffer fixed =
                directory.slice(directory.position(), DIRECTORY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int nameBytes = Short.toUnsignedInt(fixed.getShort(28));
        int extraBytes = Short.toUnsignedInt(fixed.getShort(30));
        int commentBytes = Short.toUnsignedInt(fixed.getShort(32));
        directory.position(directory.position() + DIRECTORY_BYTES);
        if (directory.remaining() < nameBytes + extraBytes + commentBytes) {
            throw new DamagedException("its zip's directory ends within an entry");
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

    private static long number(int field, ByteBuffer large) throws DamagedException {
        long number = Integer.toUnsignedLong(field);
        if (number != IN_EXTRA) {
            return number;
        }
        if (large.remaining() < Long.BYTES) {
            throw new DamagedException("its zip's directory lacks a number");
        }
        return large.getLong();
    }

    /** Returns the checksum of what is there, whether the zip has one to hold it to or not. */
    private long check(Entry entry) throws IOException, DamagedException {
        String what = "its entry '" + entry.name + "'";
        requireInside(entry.header, ENTRY_BYTES, what);
        ByteBuffer header = read(entry.header, ENTRY_BYTES);
        if (header.getInt(0) != ENTRY) {
            throw new DamagedException(what + " is not where its zip's directory says");
        }
        long data = entry.header
                + ENTRY_BYTES
                + Short.toUnsignedInt(header.getShort(26))
                + Short.toUnsignedInt(header.getShort(28));
        requireInside(data, entry.stored, what);
        boolean wanted = reader.wants(entry.name, entry.size);
        if (wanted && entry.size > LARGEST_READ) {
            reader.tooLarge(entry.name, entry.size);
        }
        if (entry.method == STORED && entry.stored != entry.size) {
            throw new DamagedException(what + " has " + entry.stored + " bytes, expected " + entry.size);
        }
        CRC32 checksum = wanted ? new KeptBytes() : new CRC32();
        long size = switch (entry.method) {
            case STORED -> sum(data, entry.stored, checksum);
            case DEFLATED -> sumInflated(data, entry, checksum);
            default ->
                throw new DamagedException(what + " is compressed by method " + entry.method + ", expected 0 or 8");
        };
        if (size != entry.size) {
            throw new DamagedException(what + " has " + size + " bytes, expected " + entry.size);
        }
        if (entry.checksum != 0 && checksum.getValue() != entry.checksum) {
            throw new DamagedException(
                    String.format("%s has checksum %08x, expected %08x", what, checksum.getValue(), entry.checksum));
        }
        if (checksum instanceof KeptBytes kept) {
            reader.read(entry.name, kept.bytes.toByteArray());
        }
        return checksum.getValue();
    }

    /** A digest of what entries are there. */
    private static final class Fingerprint {
        private final MessageDigest digest;

        Fingerprint() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        void add(String entry, long size, long checksum) {
            byte[] name = entry.getBytes(StandardCharsets.UTF_8);
            digest.update(ByteBuffer.allocate(Integer.BYTES + name.length + 2 * Long.BYTES)
                    .putInt(name.length)
                    .put(name)
                    .putLong(size)
                    .putLong(checksum)
                    .flip());
        }

        @Override
        public String toString() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    /** A checksum that keeps what it is of. */
    private static final class KeptBytes extends CRC32 {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void update(byte[] from, int start, int count) {
            super.update(from, start, count);
            bytes.write(from, start, count);
        }
    }

    private long sum(long from, long count, CRC32 checksum) throws IOException {
        for (long done = 0; done < count; done += buffer.length) {
            int length = (int) Math.min(buffer.length, count - done);
            bytes.read(from + done, buffer, length);
            checksum.update(buffer, 0, length);
        }
        return count;
    }

    /** Stops where there is more than there should be. */
    private long sumInflated(long from, Entry entry, CRC32 checksum) throws IOException, DamagedException {
        Inflater inflater = new Inflater(/* nowrap= */ true);
        try {
            long size = 0;
            long done = 0;
            while (!inflater.finished() && size <= entry.size) {
                int count = inflater.inflate(inflated);
                checksum.update(inflated, 0, count);
                size += count;
                if (count == 0 && !inflater.finished()) {
                    int length = (int) Math.min(buffer.length, entry.stored - done);
                    if (length == 0 || !inflater.needsInput()) {
                        throw new DataFormatException("they do not end");
                    }
                    bytes.read(from + done, buffer, length);
                    inflater.setInput(buffer, 0, length);
                    done += length;
                }
            }
            return size;
        } catch (DataFormatException e) {
            throw new DamagedException(
                    "its entry '" + entry.name + "' has wrong compressed data (" + e.getMessage() + ")");
        } finally {
            inflater.end();
        }
    }

    private void requireInside(long from, long count, String what) throws IOException, DamagedException {
        if (from < 0 || count < 0 || from > bytes.size() - count) {
            throw new DamagedException(what + " lies outside the file");
        }
    }

    private ByteBuffer read(long position, int count) throws IOException {
        byte[] read = new byte[count];
        try {
            bytes.read(position, read, count);
        } catch (EOFException e) {
            throw new IOException("it was cut while it was read", e);
        }
        return ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
    }
}
