package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cresset.mar.ArchiveException.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** Zips that are one thing to one reader and another to the next, and must be refused for that. */
final class HostileLayouts {
    private static final byte[] HIDDEN =
            Arrays.copyOf(new HostileZip().stored("model.pt", "evil").bytes(), 42);

    private HostileLayouts() {}

    static Stream<HostileCase> all() {
        return Stream.of(fields(), places(), extras(), ends()).flatMap(List::stream);
    }

    /** Each field that says what is read, changed in one header and not in the other. */
    private static List<HostileCase> fields() {
        record Field(String name, int local, int listed) {}
        List<HostileCase> cases = new ArrayList<>();
        for (Field field : List.of(
                new Field("method", 8, 10),
                new Field("checksum", 14, 16),
                new Field("compressed size", 18, 20),
                new Field("size", 22, 24),
                new Field("name length", 26, 28),
                new Field("extra length", 28, 30))) {
            for (int add : new int[] {1, -1, 0x7f}) {
                String title = field.name + " with " + add + " in the ";
                Rule rule = field.name.equals("method") ? Rule.UNSUPPORTED_ENTRY : Rule.DAMAGED;
                cases.add(part(
                        title + "local header",
                        Rule.DAMAGED,
                        part -> part.local =
                                header -> header.put(field.local, (byte) (header.get(field.local) + add))));
                cases.add(part(
                        title + "directory",
                        rule,
                        part -> part.listed =
                                header -> header.put(field.listed, (byte) (header.get(field.listed) + add))));
            }
        }
        for (int bit : new int[] {0, 3, 5, 6, 13}) {
            short flags = (short) (1 << bit);
            cases.add(part(
                    "flag " + bit + " in the local header",
                    Rule.DAMAGED,
                    part -> part.local = header -> header.putShort(6, flags)));
        }
        cases.add(part(
                "flag 3 in the directory",
                Rule.DAMAGED,
                part -> part.listed = header -> header.putShort(8, (short) 8)));
        cases.add(part("another name", Rule.DAMAGED, part -> part.localName = "other.py".getBytes(UTF_8)));
        cases.add(part("another case", Rule.DAMAGED, part -> part.localName = "MODEL.PT".getBytes(UTF_8)));
        cases.add(part("disk", Rule.DAMAGED, part -> part.listed = header -> header.putShort(34, (short) 1)));
        return cases;
    }

    /** Entries that are not where they should be, and what lies there instead. */
    private static List<HostileCase> places() {
        return List.of(
                part("no local header", Rule.DAMAGED, part -> part.local = header -> header.putInt(0, 0)),
                part("offset 3 too high", Rule.DAMAGED, part -> part.shift = 3),
                part("offset 1 too low", Rule.DAMAGED, part -> part.shift = -1),
                part("offset beyond the end", Rule.DAMAGED, part -> part.shift = 10_000),
                part("offset of all bits", Rule.DAMAGED, part -> part.listed = header -> header.putInt(42, -1)),
                part("gap", Rule.DAMAGED, part -> part.before = new byte[9]),
                part("hidden entry before", Rule.DAMAGED, part -> part.before = HIDDEN),
                part("hidden entry after", Rule.DAMAGED, part -> part.after = HIDDEN),
                zip(
                        "entries that overlap",
                        zip -> zip.stored("a", "same", part -> part.compressedSize = part.size = 39)
                                .stored("b", "same")),
                zip(
                        "two entries, one content",
                        zip -> zip.stored("a", "same").stored("a", "same", part -> {
                            part.name = "b".getBytes(UTF_8);
                            part.shift = -35;
                        })),
                zip(
                        "hidden entry behind deflated data",
                        zip -> zip.deflated("x", "harmless".getBytes(UTF_8), HostileLayouts::hideBehindDeflated)),
                zip(
                        "bytes behind deflated data",
                        zip -> zip.deflated("x", "harmless".getBytes(UTF_8), part -> {
                            part.data = Arrays.copyOf(part.data, part.data.length + 9);
                            part.compressedSize = part.data.length;
                        })),
                zip(
                        "sizes behind the data that are others",
                        zip -> zip.deflated("x", "harmless".getBytes(UTF_8), HostileLayouts::otherSizesBehind)),
                zip("bytes before the directory", zip -> zip.beforeDirectory(new byte[5])),
                zip("a decoy before the directory", zip -> zip.beforeDirectory(directory())));
    }

    /**
     * Puts an entry behind the end of the deflated data, but within the size that the directory gives for them. Who reads
     * the zip from its start knows no size there, sees the data end, and finds the entry.
     */
    private static void hideBehindDeflated(HostileZip.Part part) {
        byte[] deflated = part.data;
        part.flags = 1 << 3;
        part.data = Arrays.copyOf(deflated, deflated.length + 12 + HIDDEN.length);
        System.arraycopy(sizes(part.crc, deflated.length, part.size), 0, part.data, deflated.length, 12);
        System.arraycopy(HIDDEN, 0, part.data, deflated.length + 12, HIDDEN.length);
        part.compressedSize = part.data.length;
    }

    private static void otherSizesBehind(HostileZip.Part part) {
        part.flags = 1 << 3;
        part.after = sizes(part.crc + 1, part.compressedSize, part.size);
    }

    /** What follows the data where the sizes were not known before. */
    private static byte[] sizes(long checksum, long compressedSize, long size) {
        return Arrays.copyOf(HostileZip.numbers(checksum | compressedSize << 32, size), 12);
    }

    /** A directory that starts as a right one does. */
    private static byte[] directory() {
        byte[] zip = new HostileZip().stored("a", "").bytes();
        return Arrays.copyOfRange(zip, 31, zip.length - 22);
    }

    /** Fields of any kind that headers may hold; some change what the header says. */
    private static List<HostileCase> extras() {
        byte[] four = HostileZip.extra(1, HostileZip.numbers(4, 4));
        byte[] otherName = unicodePath("model.pt", "other.py");
        return List.of(
                part("another 64-bit size in the local header", Rule.DAMAGED, part -> {
                    part.zip64(5, 5);
                    part.listedExtra = part.extra;
                    part.extra = four;
                }),
                part("another 64-bit size in the local header only", Rule.DAMAGED, part -> {
                    part.listedExtra = new byte[0];
                    part.extra = four;
                    part.local = header -> header.putInt(18, -1).putInt(22, -1);
                }),
                part("negative offset", Rule.DAMAGED, part -> wideOffset(part, -1)),
                part("least offset", Rule.DAMAGED, part -> wideOffset(part, Long.MIN_VALUE)),
                part("largest offset", Rule.DAMAGED, part -> wideOffset(part, Long.MAX_VALUE)),
                part("half a 64-bit size", Rule.DAMAGED, part -> {
                    part.zip64(5, 5);
                    part.extra = HostileZip.extra(1, new byte[7]);
                }),
                part("field longer than all fields", Rule.DAMAGED, part -> part.extra = new byte[] {1, 0, -1, -1}),
                part("another name in Unicode", Rule.DAMAGED, part -> part.extra = otherName),
                part("another name in Unicode, in the local header", Rule.DAMAGED, part -> {
                    part.extra = otherName;
                    part.listedExtra = new byte[0];
                }),
                part("another name in Unicode, in the directory", Rule.DAMAGED, part -> part.listedExtra = otherName));
    }

    /** The field in which some archivers say a name again; readers believe it when the checksum is that of the name. */
    private static byte[] unicodePath(String name, String other) {
        CRC32 sum = new CRC32();
        sum.update(name.getBytes(UTF_8));
        byte[] content = Arrays.copyOf(new byte[] {1}, 5 + other.length());
        System.arraycopy(HostileZip.numbers(sum.getValue()), 0, content, 1, 4);
        System.arraycopy(other.getBytes(UTF_8), 0, content, 5, other.length());
        return HostileZip.extra(0x7075, content);
    }

    private static void wideOffset(HostileZip.Part part, long offset) {
        part.listedExtra = HostileZip.extra(1, HostileZip.numbers(offset));
        part.listed = header -> header.putInt(42, -1);
    }

    /** The record at the end, and what points to it. */
    private static List<HostileCase> ends() {
        List<HostileCase> cases = new ArrayList<>();
        for (int field : new int[] {4, 6, 8, 10, 12, 16}) {
            for (int add : new int[] {1, -1}) {
                cases.add(zip(
                        "end record, byte " + field + " with " + add,
                        zip -> zip.end(record -> record.put(field, (byte) (record.get(field) + add)))));
            }
        }
        byte[] another = new HostileZip().stored("model.pt", "evil").bytes();
        cases.add(zip("end record, long comment", zip -> zip.end(record -> record.putShort(20, (short) 9))));
        cases.add(zip("data after the end", zip -> zip.afterEnd("trailing".getBytes(UTF_8))));
        cases.add(zip("another zip after the end", zip -> zip.afterEnd(another)));
        cases.add(zip(
                "another zip in the comment",
                zip -> zip.afterEnd(another).end(record -> record.putShort(20, (short) another.length))));
        cases.add(zip("end record twice", zip -> zip.afterEnd(end(zip))));
        cases.add(zip(
                "end record in the comment",
                zip -> zip.afterEnd(end(zip)).end(record -> record.putShort(20, (short) 22))));
        cases.add(zip("data after the directory", zip -> zip.beforeEnd(new byte[5])));
        for (long offset : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 0, 1 << 20}) {
            cases.add(zip("64-bit end record at " + offset, zip -> zip.beforeEnd(locator(offset))));
        }
        cases.add(new HostileCase("zip: nothing in it", Rule.NOT_AN_ARCHIVE, new HostileZip()::in));
        return cases;
    }

    private static byte[] end(HostileZip zip) {
        byte[] bytes = zip.bytes();
        return Arrays.copyOfRange(bytes, bytes.length - 22, bytes.length);
    }

    private static byte[] locator(long offset) {
        byte[] locator = Arrays.copyOf("PK\6\7".getBytes(UTF_8), 20);
        System.arraycopy(HostileZip.numbers(offset), 0, locator, 8, 8);
        locator[16] = 1;
        return locator;
    }

    /** A right zip of two files, with the second one changed. */
    private static HostileCase part(String title, Rule rule, Consumer<HostileZip.Part> change) {
        return new HostileCase(
                "layout: " + title,
                rule,
                directory -> HostileZip.withManifest()
                        .stored("model.pt", "right", change)
                        .in(directory));
    }

    /** A right zip of two files, changed. */
    private static HostileCase zip(String title, Consumer<HostileZip> change) {
        return new HostileCase("layout: " + title, Rule.DAMAGED, directory -> {
            HostileZip zip = HostileZip.withManifest().stored("model.pt", "right");
            change.accept(zip);
            return zip.in(directory);
        });
    }
}
