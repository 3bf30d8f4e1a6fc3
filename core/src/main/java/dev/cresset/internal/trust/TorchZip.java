package dev.cresset.internal.trust;

import dev.cresset.ModelLoadException;
import dev.cresset.internal.BackgroundTask;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
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
public final class TorchZip {

    private static final int ENTRY = 0x04034b50;
    private static final int ENTRY_BYTES = 30;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;

    /** Fewer bytes are summed by the time a thread has started. */
    private static final int WORTH_A_THREAD = 1 << 20;

    /** No entry is read here that has more bytes. */
    public static final int LARGEST_READ = 64 << 20;

    private final String model;
    private final TorchZipBytes bytes;
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

        /** Looks into one; throws what the caller of {@link TorchZip#check} is to get. */
        void read(String entry, byte[] content);

        /** Told of one that is wanted, but larger than {@link #LARGEST_READ}. */
        void tooLarge(String entry, long size);

        /** Told when all entries have been found whole; throws as {@link #read} does. */
        default void end() {}
    }

    private TorchZip(String model, TorchZipBytes bytes, Reader reader) {
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
        return check(model, () -> TorchZipBytes.InFile.open(path), reader);
    }

    /** Checks a buffer's remaining bytes; see {@link #check(String, Path, Reader)}. */
    public static Optional<String> check(String model, ByteBuffer memory, Reader reader) {
        return check(model, () -> new TorchZipBytes.InMemory(memory.slice()), reader);
    }

    private interface Opening {
        TorchZipBytes open() throws IOException;
    }

    private static Optional<String> check(String model, Opening opening, Reader reader) {
        try (TorchZipBytes bytes = opening.open()) {
            return new TorchZip(model, bytes, reader).check();
        } catch (IOException e) {
            throw new ModelLoadException("cannot load " + model + ": it cannot be read: " + e.getMessage(), e);
        } catch (DamagedZipException e) {
            throw new ModelLoadException(
                    "cannot load " + model + ": " + e.getMessage()
                            + "; the file is damaged or cut short, copy or save it again",
                    e);
        }
    }

    private Optional<String> check() throws IOException, DamagedZipException {
        Optional<List<TorchZipDirectory.Entry>> directory = TorchZipDirectory.read(bytes);
        if (directory.isPresent()) {
            List<TorchZipDirectory.Entry> entries = directory.get();
            long[] checksums = checksums(entries);
            reader.end();
            ZipFingerprint fingerprint = new ZipFingerprint();
            for (int i = 0; i < checksums.length; i++) {
                fingerprint.add(entries.get(i).name(), entries.get(i).size(), checksums[i]);
            }
            return Optional.of(fingerprint.toString());
        }
        if (bytes.size() >= Integer.BYTES && bytes.read(0, Integer.BYTES).getInt(0) == ENTRY) {
            throw new DamagedZipException("it is a zip without its end, of " + bytes.size() + " bytes");
        }
        return Optional.empty();
    }

    /** Of all entries, in order. Those that nobody looks into, the weights, are summed on a thread of their own, if they are many bytes. */
    private long[] checksums(List<TorchZipDirectory.Entry> entries) throws IOException, DamagedZipException {
        BitSet aside = aside(entries);
        BitSet here = new BitSet();
        here.set(0, entries.size());
        here.andNot(aside);
        if (aside.isEmpty()) {
            return checksums(entries, here);
        }
        Opening again = bytes::again;
        try (BackgroundTask<long[]> others = BackgroundTask.start("cresset-checksums", () -> {
            try (TorchZipBytes own = again.open()) {
                return new TorchZip(model, own, Reader.NONE).checksums(entries, aside);
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
            if (e.getCause() instanceof DamagedZipException damaged) {
                throw damaged;
            }
            throw e;
        }
    }

    private BitSet aside(List<TorchZipDirectory.Entry> entries) {
        BitSet aside = new BitSet();
        long size = 0;
        for (int i = 0; i < entries.size(); i++) {
            if (!reader.wants(entries.get(i).name(), entries.get(i).size())) {
                aside.set(i);
                size += entries.get(i).stored();
            }
        }
        return size < WORTH_A_THREAD || Runtime.getRuntime().availableProcessors() == 1 ? new BitSet() : aside;
    }

    private long[] checksums(List<TorchZipDirectory.Entry> entries, BitSet which)
            throws IOException, DamagedZipException {
        long[] checksums = new long[entries.size()];
        for (int i = which.nextSetBit(0); i >= 0; i = which.nextSetBit(i + 1)) {
            checksums[i] = check(entries.get(i));
        }
        return checksums;
    }

    /** Returns the checksum of what is there, whether the zip has one to hold it to or not. */
    private long check(TorchZipDirectory.Entry entry) throws IOException, DamagedZipException {
        String what = "its entry '" + entry.name() + "'";
        bytes.requireInside(entry.header(), ENTRY_BYTES, what);
        ByteBuffer header = bytes.read(entry.header(), ENTRY_BYTES);
        if (header.getInt(0) != ENTRY) {
            throw new DamagedZipException(what + " is not where its zip's directory says");
        }
        long data = entry.header()
                + ENTRY_BYTES
                + Short.toUnsignedInt(header.getShort(26))
                + Short.toUnsignedInt(header.getShort(28));
        bytes.requireInside(data, entry.stored(), what);
        boolean wanted = reader.wants(entry.name(), entry.size());
        if (wanted && entry.size() > LARGEST_READ) {
            reader.tooLarge(entry.name(), entry.size());
        }
        if (entry.method() == STORED && entry.stored() != entry.size()) {
            throw new DamagedZipException(what + " has " + entry.stored() + " bytes, expected " + entry.size());
        }
        CRC32 checksum = wanted ? new KeptBytes() : new CRC32();
        long size = switch (entry.method()) {
            case STORED -> sum(data, entry.stored(), checksum);
            case DEFLATED -> sumInflated(data, entry, checksum);
            default ->
                throw new DamagedZipException(
                        what + " is compressed by method " + entry.method() + ", expected 0 or 8");
        };
        if (size != entry.size()) {
            throw new DamagedZipException(what + " has " + size + " bytes, expected " + entry.size());
        }
        if (entry.checksum() != 0 && checksum.getValue() != entry.checksum()) {
            throw new DamagedZipException(
                    String.format("%s has checksum %08x, expected %08x", what, checksum.getValue(), entry.checksum()));
        }
        if (checksum instanceof KeptBytes kept) {
            reader.read(entry.name(), kept.bytes.toByteArray());
        }
        return checksum.getValue();
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
    private long sumInflated(long from, TorchZipDirectory.Entry entry, CRC32 checksum)
            throws IOException, DamagedZipException {
        Inflater inflater = new Inflater(/* nowrap= */ true);
        try {
            long size = 0;
            long done = 0;
            while (!inflater.finished() && size <= entry.size()) {
                int count = inflater.inflate(inflated);
                checksum.update(inflated, 0, count);
                size += count;
                if (count == 0 && !inflater.finished()) {
                    int length = (int) Math.min(buffer.length, entry.stored() - done);
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
            throw new DamagedZipException(
                    "its entry '" + entry.name() + "' has wrong compressed data (" + e.getMessage() + ")");
        } finally {
            inflater.end();
        }
    }
}
