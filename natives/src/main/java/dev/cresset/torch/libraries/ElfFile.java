package dev.cresset.torch.libraries;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a shared library of Linux says of itself, read from its file without loading it, as the system's linker reads it: by
 * its program headers. Only kilobytes of the file are read, however large it is.
 */
final class ElfFile {

    private static final int MAGIC = 0x7f454c46;
    private static final int BITS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;

    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int SEGMENT = 56;

    private static final int NEEDED = 1;
    private static final int STRINGS = 5;
    private static final int SYMBOLS = 6;
    private static final int RPATH = 15;
    private static final int RUNPATH = 29;
    private static final int HASHES = 0x6ffffef5;
    private static final int SYMBOL = 24;

    /** More than any library of the field has of anything, and little enough to read. */
    private static final int MOST = 1 << 16;

    private static final int LONGEST_NAME = 4096;

    private final Path path;
    private final int machine;
    private final List<Segment> segments;
    private final List<Entry> entries;
    private final List<String> needed;
    private final List<String> rpaths;
    private final List<String> runpaths;

    /** A part of the file, and where it lies in memory. */
    private record Segment(int type, long offset, long address, long size) {}

    /** An entry of the dynamic section. */
    private record Entry(long tag, long value) {}

    private ElfFile(Path path, FileChannel file) throws IOException {
        this.path = path;
        ByteBuffer header = read(file, 0, 64);
        boolean isElf = header.order(ByteOrder.BIG_ENDIAN).getInt(0) == MAGIC;
        if (!isElf || header.get(4) != BITS_64 || header.get(5) != LITTLE_ENDIAN) {
            throw new IOException(path + " is not a shared library of 64-bit Linux");
        }
        header.order(ByteOrder.LITTLE_ENDIAN);
        machine = Short.toUnsignedInt(header.getShort(18));
        segments = segments(file, header.getLong(32), Short.toUnsignedInt(header.getShort(56)));
        entries = entries(file);
        needed = strings(file, NEEDED);
        rpaths = strings(file, RPATH);
        runpaths = strings(file, RUNPATH);
    }

    private List<String> strings(FileChannel file, int tag) throws IOException {
        List<String> strings = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.tag == tag) {
                strings.add(string(file, entry.value));
            }
        }
        return strings;
    }

    static ElfFile read(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return new ElfFile(path, file);
        } catch (EOFException e) {
            throw new IOException(path + " is cut off, or damaged", e);
        }
    }

    /** The kind of CPU it is made for, by the name that platforms have; a number, if it is none of those. */
    String cpu() {
        return switch (machine) {
            case 3 -> "x86";
            case 40 -> "arm";
            case 62 -> "x86_64";
            case 183 -> "arm64";
            case 21 -> "ppc64le";
            case 243 -> "riscv64";
            default -> "ELF machine " + machine;
        };
    }

    /** The libraries that it cannot be loaded without, as they call themselves. */
    List<String> needed() {
        return List.copyOf(needed);
    }

    /** The folders in which those are looked for before anywhere else. */
    List<Path> rpath() {
        return runpaths.isEmpty() ? folders(rpaths) : List.of(); // one beside a runpath means nothing
    }

    /** The folders in which those are looked for after those that the environment names. */
    List<Path> runpath() {
        return folders(runpaths);
    }

    private List<Path> folders(List<String> paths) {
        String origin = String.valueOf(path.toAbsolutePath().getParent());
        return paths.stream()
                .flatMap(one -> Stream.of(one.split(":", -1)))
                .map(folder -> folder.replace("$ORIGIN", origin).replace("${ORIGIN}", origin))
                .filter(folder -> folder.startsWith("/")) // others depend on where the JVM was started
                .flatMap(folder -> pathOf(folder).stream())
                .toList();
    }

    private static Optional<Path> pathOf(String name) {
        try {
            return Optional.of(Path.of(name));
        } catch (InvalidPathException e) {
            return Optional.empty(); // the locale has no such characters
        }
    }

    /** The first bytes of the code of a function that it exports; empty if there is no such function. */
    Optional<ByteBuffer> code(String function, int bytes) throws IOException {
        OptionalLong place = placeOf(function);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return Optional.of(read(file, place.getAsLong(), bytes));
        } catch (EOFException e) {
            throw new IOException(path + " is cut off, or damaged", e);
        }
    }

    /** Where in the file the code of a function begins. */
    OptionalLong placeOf(String function) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long address = addressOf(file, function);
            return address == 0 ? OptionalLong.empty() : OptionalLong.of(offsetOf(address));
        } catch (EOFException e) {
            throw new IOException(path + " is cut off, or damaged", e);
        }
    }

    private static List<Segment> segments(FileChannel file, long table, int count) throws IOException {
        List<Segment> segments = new ArrayList<>();
        ByteBuffer bytes = read(file, table, (long) count * SEGMENT);
        for (int at = 0; at < bytes.limit(); at += SEGMENT) {
            segments.add(new Segment(
                    bytes.getInt(at), bytes.getLong(at + 8), bytes.getLong(at + 16), bytes.getLong(at + 32)));
        }
        return segments;
    }

    private List<Entry> entries(FileChannel file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.type == DYNAMIC) {
                ByteBuffer bytes = read(file, segment.offset, segment.size);
                while (bytes.remaining() >= 16) {
                    entries.add(new Entry(bytes.getLong(), bytes.getLong()));
                }
            }
        }
        return entries;
    }

    private long value(int tag) throws IOException {
        for (Entry entry : entries) {
            if (entry.tag == tag) {
                return entry.value;
            }
        }
        throw new EOFException("no entry " + tag);
    }

    private String string(FileChannel file, long index) throws IOException {
        long at = offsetOf(value(STRINGS) + index);
        ByteBuffer bytes = read(file, at, Math.min(LONGEST_NAME, Math.max(0, file.size() - at)));
        while (bytes.hasRemaining() && bytes.get() != 0) {
            // on to its end
        }
        return StandardCharsets.UTF_8
                .decode(bytes.flip().limit(Math.max(0, bytes.limit() - 1)))
                .toString();
    }

    /** By the table of hashes that the system's linker looks in; 0 if the library exports no such thing. */
    private long addressOf(FileChannel file, String name) throws IOException {
        int hash = 5381;
        for (byte c : name.getBytes(StandardCharsets.UTF_8)) {
            hash = hash * 33 + c;
        }
        long table = value(HASHES);
        ByteBuffer header = read(file, offsetOf(table), 16);
        int buckets = header.getInt(0);
        int first = header.getInt(4);
        long bucketsAt = table + 16 + 8L * header.getInt(8);
        long chainsAt = bucketsAt + 4L * buckets;
        if (buckets <= 0) {
            return 0;
        }
        long symbol = word(file, bucketsAt + 4L * Integer.remainderUnsigned(hash, buckets));
        for (int i = 0; symbol >= first && i < MOST; i++, symbol++) {
            int chained = word(file, chainsAt + 4 * (symbol - first));
            if ((chained | 1) == (hash | 1)) {
                ByteBuffer found = read(file, offsetOf(value(SYMBOLS) + symbol * SYMBOL), SYMBOL);
                if (string(file, Integer.toUnsignedLong(found.getInt(0))).equals(name)) {
                    return found.getLong(8);
                }
            }
            if ((chained & 1) != 0) {
                return 0; // the last of its bucket
            }
        }
        return 0;
    }

    private int word(FileChannel file, long address) throws IOException {
        return read(file, offsetOf(address), 4).getInt();
    }

    private long offsetOf(long address) throws IOException {
        for (Segment segment : segments) {
            if (segment.type == LOAD && address >= segment.address && address - segment.address < segment.size) {
                return segment.offset + (address - segment.address);
            }
        }
        throw new EOFException("nothing lies at " + address);
    }

    private static ByteBuffer read(FileChannel file, long from, long size) throws IOException {
        if (from < 0 || size < 0 || size > MOST * (long) SEGMENT) {
            throw new EOFException("nothing lies at " + from);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            int read = file.read(bytes, from + bytes.position());
            if (read < 0) {
                throw new EOFException("ends at " + file.size());
            }
        }
        return bytes.flip();
    }
}
