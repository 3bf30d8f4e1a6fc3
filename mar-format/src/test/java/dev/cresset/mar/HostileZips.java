package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Zips that must be refused for their names, their entries and their sizes. */
final class HostileZips {
    private HostileZips() {}

    static Stream<HostileCase> all() {
        return Stream.of(names(), clashes(), entries(), sizes()).flatMap(List::stream);
    }

    private static List<HostileCase> names() {
        List<HostileCase> cases = new ArrayList<>();
        for (String name : HostileNames.NAMES) {
            String shown = Refusals.quoted(name);
            for (int system : new int[] {0, 3}) {
                cases.add(zip(
                        "deflated, made on " + system + ", name " + shown,
                        Rule.ENTRY_NAME,
                        zip -> zip.madeOn(system).deflated(name, "evil")));
            }
            for (int system : new int[] {10, 19}) {
                cases.add(zip(
                        "stored, made on " + system + ", name " + shown,
                        Rule.ENTRY_NAME,
                        zip -> zip.madeOn(system).stored(name, "evil")));
            }
        }
        cases.add(named("no name", Rule.ENTRY_NAME, new byte[0]));
        cases.add(named("name is not UTF-8", Rule.ENTRY_NAME, new byte[] {'m', (byte) 0xff}));
        cases.add(named("overlong slash", Rule.ENTRY_NAME, new byte[] {(byte) 0xc0, (byte) 0xaf}));
        cases.add(named("half a character", Rule.ENTRY_NAME, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}));
        cases.add(named("long name", Rule.LIMIT, "n".repeat(513).getBytes(UTF_8)));
        cases.add(named("longest name", Rule.LIMIT, "n".repeat(65_535).getBytes(UTF_8)));
        cases.add(named("deep name", Rule.LIMIT, "d/".repeat(33).getBytes(UTF_8)));
        return cases;
    }

    private static HostileCase named(String title, Rule rule, byte[] name) {
        return zip(title, rule, zip -> zip.stored("x", "evil", part -> part.name = name));
    }

    private static List<HostileCase> clashes() {
        List<HostileCase> cases = new ArrayList<>();
        for (List<String> clash : Stream.concat(HostileNames.CLASHES.stream(), HostileNames.FILES_AS_FOLDERS.stream())
                .toList()) {
            String title = "clash of " + Refusals.listed(clash);
            cases.add(zip(
                    title,
                    Rule.NAME_CLASH,
                    zip -> zip.deflated(clash.get(0), "1").stored(clash.get(1), "2")));
            cases.add(zip(
                    title + ", the other way round",
                    Rule.NAME_CLASH,
                    zip -> zip.stored(clash.get(1), "2").deflated(clash.get(0), "1")));
        }
        cases.add(zip("two manifests", Rule.NAME_CLASH, zip -> zip.deflated(ManifestReader.ENTRY, "{}")));
        return cases;
    }

    private static List<HostileCase> entries() {
        List<HostileCase> cases = new ArrayList<>();
        for (int mode : new int[] {0120777, 0020666, 0060660, 0010644, 0140777, 0040755}) {
            for (int system : new int[] {0, 3, 19}) {
                String title = String.format(Locale.ROOT, "made on %d, mode %o", system, mode);
                cases.add(zip(
                        title,
                        Rule.UNSUPPORTED_ENTRY,
                        zip -> zip.madeOn(system).stored("x", "/etc/passwd", part -> part.unixMode = mode)));
            }
        }
        for (int flags : new int[] {1, 1 << 5, 1 << 6 | 1, 1 << 6, 1 << 13}) {
            cases.add(zip(
                    "flags " + Integer.toHexString(flags),
                    Rule.UNSUPPORTED_ENTRY,
                    zip -> zip.stored("x", "encrypted", part -> part.flags = flags)));
        }
        for (int method : new int[] {1, 2, 6, 7, 9, 10, 12, 14, 18, 20, 93, 95, 96, 97, 98, 99, 0xffff}) {
            cases.add(zip(
                    "method " + method,
                    Rule.UNSUPPORTED_ENTRY,
                    zip -> zip.stored("x", "compressed", part -> part.method = method)));
        }
        cases.add(zip("folder with content", Rule.UNSUPPORTED_ENTRY, zip -> zip.stored("folder/", "hidden")));
        return cases;
    }

    /** Bombs, and sizes that are not so. */
    private static List<HostileCase> sizes() {
        return List.of(
                zip("10,001 files", Rule.LIMIT, zip -> many(10_000, i -> zip.stored("f" + i, ""))),
                zip("10,001 folders", Rule.LIMIT, zip -> many(10_000, i -> zip.stored("d" + i + "/", ""))),
                zip(
                        "70,000 files, counted in 16 bits",
                        Rule.DAMAGED,
                        zip -> many(70_000, i -> zip.stored("file" + i, ""))),
                zip("bomb", Rule.LIMIT, zip -> zip.deflated("x", new byte[20_000_000], part -> {})),
                zip(
                        "bomb of small entries",
                        Rule.LIMIT,
                        zip -> many(40, i -> zip.deflated("zeros" + i, new byte[1 << 20], part -> {}))),
                zip(
                        "bomb that declares ten bytes",
                        Rule.DAMAGED,
                        zip -> zip.deflated("x", new byte[20_000_000], part -> part.size = 10)),
                sized("4 GiB and a byte", Rule.LIMIT, part -> part.zip64((4L << 30) + 1, (4L << 30) + 1)),
                sized("largest size", Rule.LIMIT, part -> part.zip64(Long.MAX_VALUE, Long.MAX_VALUE)),
                sized("negative size", Rule.DAMAGED, part -> part.zip64(-1, 5)),
                sized("negative compressed size", Rule.DAMAGED, part -> part.zip64(5, -1)),
                sized("least size", Rule.DAMAGED, part -> part.zip64(Long.MIN_VALUE, Long.MIN_VALUE)),
                zip(
                        "12 GiB in all",
                        Rule.LIMIT,
                        zip -> many(3, i -> zip.stored("f" + i, "right", part -> part.zip64(4L << 30, 4L << 30)))),
                sized("beyond the end of the file", Rule.DAMAGED, part -> part.zip64(1 << 20, 1 << 20)),
                sized("stored, and two sizes", Rule.DAMAGED, part -> part.size = 4),
                zip(
                        "more than it declares",
                        Rule.DAMAGED,
                        zip -> zip.deflated("x", new byte[100], part -> part.size = 99)),
                zip(
                        "less than it declares",
                        Rule.DAMAGED,
                        zip -> zip.deflated("x", new byte[100], part -> part.size = 1 << 20)),
                sized("other bytes than it declares", Rule.DAMAGED, part -> part.data = "wrong".getBytes(UTF_8)),
                zip(
                        "not deflated",
                        Rule.DAMAGED,
                        zip -> zip.deflated("x", new byte[99], part -> Arrays.fill(part.data, (byte) 0xff))),
                zip(
                        "deflated without end",
                        Rule.DAMAGED,
                        zip -> zip.deflated("x", new byte[99], part -> part.data[0] &= (byte) 0xfe)));
    }

    private static HostileCase sized(String title, Rule rule, Consumer<HostileZip.Part> change) {
        return zip("size: " + title, rule, zip -> zip.stored("x", "right", change));
    }

    private static void many(int count, IntConsumer each) {
        IntStream.range(0, count).forEach(each);
    }

    /** A right zip with more behind its manifest. */
    private static HostileCase zip(String title, Rule rule, Consumer<HostileZip> more) {
        return new HostileCase("zip: " + title, rule, directory -> {
            HostileZip zip = HostileZip.withManifest();
            more.accept(zip);
            return zip.in(directory);
        });
    }
}
