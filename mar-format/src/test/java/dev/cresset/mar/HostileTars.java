package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.HostileTar.Header;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Gzipped tars that must be refused: for their names, their entries, their headers, their sizes and their ends. */
final class HostileTars {
    private HostileTars() {}

    static Stream<HostileCase> all() {
        return Stream.of(names(), clashes(), entries(), attributes(), sizes(), numbers(), ends(), gzips(), bombs())
                .flatMap(List::stream);
    }

    private static List<HostileCase> names() {
        List<HostileCase> cases = new ArrayList<>();
        for (String name : HostileNames.NAMES) {
            String shown = Refusals.quoted(name);
            String below = "m/" + name;
            if (name.indexOf('\0') < 0) {
                cases.add(good("name " + shown, Rule.ENTRY_NAME, tar -> tar.file(below, "evil")));
                cases.add(good(
                        "GNU name " + shown,
                        Rule.ENTRY_NAME,
                        tar -> tar.gnuLong('L', below).file("m/fair", "evil")));
                cases.add(good(
                        "name in two parts " + shown,
                        Rule.ENTRY_NAME,
                        tar -> tar.file(name, new byte[0], header -> header.put(Header.PREFIX, "m"))));
            }
            cases.add(good(
                    "attribute path " + shown,
                    Rule.ENTRY_NAME,
                    tar -> tar.pax('x', HostileTar.record("path", below)).file("m/fair", "evil")));
            cases.add(good(
                    "path for all " + shown,
                    Rule.DAMAGED,
                    tar -> tar.pax('g', HostileTar.record("path", below)).file("m/fair", "evil")));
        }
        for (String absolute :
                List.of("/etc/passwd", "//host/share/x", "/m/x", "../x", "../m/x", "C:/m/x", "..", "\\\\h\\x")) {
            String shown = Refusals.quoted(absolute);
            cases.add(good("outside the root, name " + shown, Rule.ENTRY_NAME, tar -> tar.file(absolute, "evil")));
            cases.add(good(
                    "outside the root, GNU name " + shown,
                    Rule.ENTRY_NAME,
                    tar -> tar.gnuLong('L', absolute).file("m/fair", "evil")));
            cases.add(good(
                    "outside the root, attribute path " + shown,
                    Rule.ENTRY_NAME,
                    tar -> tar.pax('x', HostileTar.record("path", absolute)).file("m/fair", "evil")));
        }
        byte[] notUtf8 = {'m', '/', 'a', (byte) 0xff};
        cases.add(good(
                "name is not UTF-8",
                Rule.ENTRY_NAME,
                tar -> tar.file("m/x", new byte[0], header -> header.put(Header.NAME, notUtf8))));
        cases.add(good(
                "attribute path is not UTF-8",
                Rule.ENTRY_NAME,
                tar -> tar.pax('x', "13 path=m/a\u00ff\n".getBytes(ISO_8859_1), h -> {})
                        .file("m/fair", "")));
        cases.add(good("long name", Rule.LIMIT, tar -> tar.file("m/" + "n".repeat(513), "")));
        cases.add(good(
                "long GNU name",
                Rule.LIMIT,
                tar -> tar.gnuLong('L', "m/" + "n".repeat(513)).file("m/x", "")));
        cases.add(good("deep name", Rule.LIMIT, tar -> tar.file("m/" + "d/".repeat(40) + "x", "")));
        return cases;
    }

    private static List<HostileCase> clashes() {
        List<HostileCase> cases = new ArrayList<>();
        for (List<String> clash : Stream.concat(HostileNames.CLASHES.stream(), HostileNames.FILES_AS_FOLDERS.stream())
                .toList()) {
            String title = "clash of " + Refusals.listed(clash);
            cases.add(good(
                    title,
                    Rule.NAME_CLASH,
                    tar -> tar.file("m/" + clash.get(0), "1").file("m/" + clash.get(1), "2")));
            cases.add(good(
                    title + ", under two roots",
                    Rule.NAME_CLASH,
                    tar -> tar.file("a/" + clash.get(1), "2").file("b/" + clash.get(0), "1")));
        }
        cases.add(good("two manifests", Rule.NAME_CLASH, tar -> tar.file("n/" + ManifestReader.ENTRY, "{}")));
        cases.add(good(
                "file with and without a root",
                Rule.NAME_CLASH,
                tar -> tar.file("m/x", "").file("x", "")));
        return cases;
    }

    private static List<HostileCase> entries() {
        List<HostileCase> cases = new ArrayList<>();
        for (char type : new char[] {'1', '2'}) {
            for (String target : List.of("/etc/passwd", "../../etc/passwd", "m/MAR-INF/MANIFEST.json", "m/x", "x")) {
                cases.add(good(
                        "link " + type + " to " + target,
                        Rule.UNSUPPORTED_ENTRY,
                        tar -> tar.link(type, "m/x", target)));
            }
            cases.add(good(
                    "link " + type + " with content",
                    Rule.UNSUPPORTED_ENTRY,
                    tar -> tar.entry(type, "m/x", "content".getBytes(UTF_8), header -> {})));
            cases.add(good(
                    "link " + type + " with a GNU name",
                    Rule.UNSUPPORTED_ENTRY,
                    tar -> tar.gnuLong('K', "/etc/" + "passwd".repeat(50)).link(type, "m/x", "cut")));
            cases.add(good(
                    "link " + type + " from attributes",
                    Rule.UNSUPPORTED_ENTRY,
                    tar -> tar.pax('x', HostileTar.record("linkpath", "/etc/passwd"))
                            .link(type, "m/x", "y")));
            cases.add(good(
                    "link " + type + " that is called a folder",
                    Rule.UNSUPPORTED_ENTRY,
                    tar -> tar.link(type, "m/x/", "/etc")));
        }
        // Devices and pipes, contiguous files, what GNU tar and others put between entries, and types that nobody
        // knows.
        for (char type : "34678ABCDEFMNSUVWYZ~\u0001\u0080\u00ff".toCharArray()) {
            cases.add(good(
                    "type " + (int) type,
                    Rule.UNSUPPORTED_ENTRY,
                    tar -> tar.entry(type, "m/x", new byte[0], header -> {})));
            cases.add(good(
                    "type " + (int) type + " with content",
                    Rule.UNSUPPORTED_ENTRY,
                    tar -> tar.entry(type, "m/x", new byte[512], header -> {})));
        }
        for (String sparse : List.of(
                HostileTar.record("GNU.sparse.size", "1000")
                        + HostileTar.record("GNU.sparse.numblocks", "1")
                        + HostileTar.record("GNU.sparse.offset", "0")
                        + HostileTar.record("GNU.sparse.numbytes", "5"),
                HostileTar.record("GNU.sparse.size", "1000") + HostileTar.record("GNU.sparse.map", "0,5"))) {
            cases.add(good(
                    "sparse file " + Refusals.quoted(sparse),
                    Rule.UNSUPPORTED_ENTRY,
                    tar -> tar.pax('x', sparse).file("m/x", "right")));
        }
        byte[] map = Arrays.copyOf("1\n0\n5\n".getBytes(UTF_8), 512);
        cases.add(good(
                "sparse file with the map before its content",
                Rule.UNSUPPORTED_ENTRY,
                tar -> tar.pax(
                                'x',
                                HostileTar.record("GNU.sparse.major", "1")
                                        + HostileTar.record("GNU.sparse.minor", "0")
                                        + HostileTar.record("GNU.sparse.realsize", "5"))
                        .file("m/x", new String(map, UTF_8) + "right")));
        // Some readers skip the content of a folder, others take it for what comes next.
        cases.add(good(
                "folder with content",
                Rule.UNSUPPORTED_ENTRY,
                tar -> tar.entry('5', "m/x/", hiddenEntry(), header -> {})));
        cases.add(good(
                "folder by name, with content",
                Rule.UNSUPPORTED_ENTRY,
                tar -> tar.entry('0', "m/x/", hiddenEntry(), header -> {})));
        cases.add(good(
                "folder of old, with content",
                Rule.UNSUPPORTED_ENTRY,
                tar -> tar.entry('\0', "m/x/", hiddenEntry(), header -> {})));
        cases.add(good(
                "root folder with content",
                Rule.UNSUPPORTED_ENTRY,
                tar -> tar.entry('5', "m/", hiddenEntry(), header -> {})));
        return cases;
    }

    private static byte[] hiddenEntry() {
        return new HostileTar().file("m/model.pt", "evil").end(new byte[0]).tar();
    }

    /** Headers whose content is wrong, or is not what its length says. */
    private static List<HostileCase> attributes() {
        List<HostileCase> cases = new ArrayList<>();
        for (String records : List.of(
                "x path=m/y\n",
                "path=m/y\n",
                "99999999999999999999 path=m/y\n",
                "2147483647 path=m/y\n",
                "-5 path=m/y\n",
                "0 path=m/y\n",
                "3 path=m/y\n",
                "12 path=m/yz",
                "400 path=m/y\n",
                "10 pathm/y\n",
                "11path=m/y\n",
                "99")) {
            for (char type : new char[] {'x', 'g'}) {
                cases.add(good(
                        "attribute " + type + " " + Refusals.quoted(records),
                        Rule.DAMAGED,
                        tar -> tar.pax(type, records).file("m/x", "")));
            }
        }
        for (String size : List.of("-1", "999999999999999999", "9223372036854775807", "1e3", "", "ten", "0x10")) {
            boolean large = size.equals("999999999999999999");
            cases.add(good(
                    "attribute size " + size,
                    large ? Rule.LIMIT : Rule.DAMAGED,
                    tar -> tar.pax('x', HostileTar.record("size", size)).file("m/x", "right")));
        }
        String map = "0,1,".repeat(20_000);
        cases.add(good(
                "map of a sparse file without end",
                Rule.DAMAGED,
                tar -> tar.pax('x', HostileTar.record("GNU.sparse.map", map + "0,1"))
                        .file("m/x", "right")));
        for (char type : new char[] {'x', 'g', 'L', 'K'}) {
            String large = HostileTar.record("comment", "c".repeat(1 << 20));
            cases.add(good(
                    "large header " + type,
                    Rule.DAMAGED,
                    tar -> tar.pax(type, large).file("m/x", "")));
            cases.add(good(
                    "endless header " + type,
                    Rule.DAMAGED,
                    tar -> tar.pax(type, new byte[512], header -> header.size(077777777777L))));
            cases.add(good(
                    "header of negative size " + type,
                    Rule.DAMAGED,
                    tar -> tar.pax(type, new byte[512], header -> header.binarySize(-1))
                            .file("m/x", "")));
            cases.add(good("many headers " + type, Rule.DAMAGED, tar -> {
                for (int i = 0; i < 5_000; i++) {
                    tar.pax(type, HostileTar.record("comment", "c"));
                }
                tar.file("m/x", "");
            }));
            // Python's reader takes all of the last record.
            String first = HostileTar.record("comment", "c");
            byte[] both = (first + HostileTar.record("path", "m/evil")).getBytes(UTF_8);
            cases.add(good(
                    "header longer than it says " + type,
                    Rule.DAMAGED,
                    tar -> tar.pax(type, both, header -> header.size(first.length()))
                            .file("m/x", "")));
            if (type != 'g') {
                cases.add(good(
                        "header that nothing follows " + type,
                        Rule.DAMAGED,
                        tar -> tar.pax(type, HostileTar.record("comment", "c"))));
            }
            cases.add(good(
                    "header with a wrong checksum " + type,
                    Rule.DAMAGED,
                    tar -> tar.pax(type, HostileTar.record("comment", "c").getBytes(UTF_8), Header::wrongChecksum)
                            .file("m/x", "")));
        }
        cases.add(good("wrong checksum", Rule.DAMAGED, t -> t.file("m/x", new byte[0], Header::wrongChecksum)));
        cases.add(good(
                "garbage for a header",
                Rule.DAMAGED,
                tar -> tar.raw("garbage".repeat(80).getBytes(UTF_8))));
        return cases;
    }

    private static List<HostileCase> sizes() {
        List<HostileCase> cases = new ArrayList<>();
        cases.add(size("binary, negative", Rule.DAMAGED, header -> header.binarySize(-1)));
        cases.add(size("binary, least", Rule.DAMAGED, header -> header.binarySize(Long.MIN_VALUE)));
        cases.add(size("binary, largest", Rule.LIMIT, header -> header.binarySize(Long.MAX_VALUE)));
        cases.add(size(
                "binary, of more than 64 bits", Rule.DAMAGED, h -> h.put(Header.SIZE, "\u0080" + "\u007f".repeat(11))));
        cases.add(size("4 GiB and a byte", Rule.LIMIT, header -> header.binarySize((4L << 30) + 1)));
        cases.add(size("largest in octal digits", Rule.LIMIT, header -> header.size(077777777777L)));
        cases.add(size("no digits", Rule.DAMAGED, header -> header.put(Header.SIZE, "not a number")));
        cases.add(size("sign", Rule.DAMAGED, header -> header.put(Header.SIZE, "-0000000005\0")));
        cases.add(size("digits in two places", Rule.DAMAGED, header -> header.put(Header.SIZE, "0000005\0005\0\0\0")));
        cases.add(size("eight is no octal digit", Rule.DAMAGED, header -> header.put(Header.SIZE, "00000000008\0")));
        cases.add(size("more than there is", Rule.DAMAGED, header -> header.size(100_000)));
        cases.add(size("much more than there is", Rule.DAMAGED, header -> header.size(4L << 30)));
        cases.add(good("8 GiB in all", Rule.LIMIT, tar -> tar.file("m/a", new byte[0], h -> h.binarySize(9L << 30))));
        return cases;
    }

    private static HostileCase size(String title, Rule rule, Consumer<Header> change) {
        return good("size: " + title, rule, tar -> tar.file("m/x", "right".getBytes(UTF_8), change));
    }

    /** Numbers that nothing here asks for. Python's reader ends the tar at a wrong one without a word, TorchServe's fails. */
    private static List<HostileCase> numbers() {
        record Field(String name, int place, int length) {}
        List<HostileCase> cases = new ArrayList<>();
        for (Field field : List.of(
                new Field("mode", Header.MODE, 8),
                new Field("user", Header.USER, 8),
                new Field("group", Header.GROUP, 8),
                new Field("time", Header.TIME, 12),
                new Field("major", Header.MAJOR, 8),
                new Field("minor", Header.MINOR, 8))) {
            for (String wrong : List.of("text", "8", "-1", "0x1", "1\0001", "\0001", "1 1", "\u00811", "\u00fe1")) {
                String title = field.name + " " + Refusals.quoted(wrong);
                byte[] number = Arrays.copyOf(wrong.getBytes(ISO_8859_1), field.length);
                cases.add(good(
                        title, Rule.DAMAGED, tar -> tar.file("m/x", new byte[0], h -> h.put(field.place, number))));
                cases.add(good(
                        title + " of attributes",
                        Rule.DAMAGED,
                        tar -> tar.pax('x', new byte[0], h -> h.put(field.place, number))
                                .file("m/x", "")));
            }
        }
        return cases;
    }

    private static List<HostileCase> ends() {
        byte[] another = new HostileTar().file("m/model.pt", "evil").tar();
        return List.of(
                good("no end", Rule.DAMAGED, tar -> tar.end(new byte[0])),
                good(
                        "end in the middle of a header",
                        Rule.DAMAGED,
                        tar -> tar.raw(new byte[100]).end(new byte[0])),
                good(
                        "data after the end",
                        Rule.DAMAGED,
                        tar -> tar.raw(new byte[1024]).raw("x".repeat(512).getBytes(UTF_8))),
                good(
                        "archive after the end",
                        Rule.DAMAGED,
                        tar -> tar.raw(new byte[1024]).raw(another)),
                good(
                        "entry after half an end",
                        Rule.DAMAGED,
                        tar -> tar.raw(new byte[512]).raw(another)),
                good("last byte is not zero", Rule.DAMAGED, tar -> {
                    byte[] end = new byte[10_240];
                    end[10_239] = 1;
                    tar.end(end);
                }),
                new HostileCase("tar: nothing in it", Rule.MISSING_MANIFEST, new HostileTar()::in));
    }

    /** A right tar, packed wrongly. */
    private static List<HostileCase> gzips() {
        List<HostileCase> cases = new ArrayList<>();
        cases.add(gzip("wrong checksum", gzip -> flipped(gzip, gzip.length - 8)));
        cases.add(gzip("wrong size", gzip -> flipped(gzip, gzip.length - 4)));
        cases.add(gzip("unknown method", gzip -> flipped(gzip, 2)));
        cases.add(gzip("reserved flags", gzip -> with(gzip, 3, 0xe0)));
        cases.add(gzip("name without end", gzip -> header(gzip, 8, "n".repeat(1 << 20))));
        cases.add(gzip("comment without end", gzip -> header(gzip, 16, "c".repeat(1 << 20))));
        cases.add(gzip("extra field longer than all", gzip -> with(gzip, 3, 4)));
        cases.add(gzip("text behind it", gzip -> joined(gzip, "behind".getBytes(UTF_8))));
        cases.add(gzip("zeros behind it", gzip -> joined(gzip, new byte[512])));
        cases.add(gzip("the same again", gzip -> joined(gzip, gzip)));
        cases.add(gzip(
                "another archive behind it",
                gzip -> joined(gzip, new HostileTar().file("m/model.pt", "evil").bytes())));
        cases.add(gzip("empty gzip behind it", gzip -> joined(gzip, HostileTar.gzip(new byte[0]))));
        cases.add(gzip("packed twice", HostileTar::gzip));
        cases.add(gzip("not deflated", gzip -> with(gzip, 10, 0xff)));
        byte[] tar = HostileTar.withManifest().tar();
        cases.add(gzip(
                "in two parts",
                gzip -> joined(
                        HostileTar.gzip(Arrays.copyOf(tar, 512)),
                        HostileTar.gzip(Arrays.copyOfRange(tar, 512, tar.length)))));
        cases.add(gzip("nothing in it", gzip -> HostileTar.gzip(new byte[0])));
        cases.add(gzip("text in it", gzip -> HostileTar.gzip("text".repeat(500).getBytes(UTF_8))));
        cases.add(gzip(
                "zip in it", gzip -> HostileTar.gzip(HostileZip.withManifest().bytes())));
        return cases;
    }

    private static HostileCase gzip(String title, UnaryOperator<byte[]> change) {
        byte[] changed =
                change.apply(HostileTar.withManifest().file("m/x", "right").bytes());
        return new HostileCase(
                "gzip: " + title, Rule.DAMAGED, folder -> Files.write(folder.resolve("m.tar.gz"), changed));
    }

    private static byte[] flipped(byte[] bytes, int position) {
        return with(bytes, position, bytes[position] ^ 0xff);
    }

    private static byte[] with(byte[] bytes, int position, int value) {
        byte[] changed = bytes.clone();
        changed[position] = (byte) value;
        return changed;
    }

    private static byte[] header(byte[] gzip, int flag, String field) {
        return joined(with(Arrays.copyOf(gzip, 10), 3, flag), field.getBytes(UTF_8));
    }

    private static byte[] joined(byte[] one, byte[] other) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(one);
        both.writeBytes(other);
        return both.toByteArray();
    }

    private static List<HostileCase> bombs() {
        return List.of(
                good("zeros in a file", Rule.LIMIT, tar -> tar.file("m/x", new byte[20_000_000], header -> {})),
                good("zeros behind the end", Rule.LIMIT, tar -> tar.end(new byte[20_000_000])),
                good("10,001 files", Rule.LIMIT, tar -> {
                    for (int i = 0; i < 10_000; i++) {
                        tar.file("m/f" + i, "");
                    }
                }),
                good("10,000 folders", Rule.LIMIT, tar -> {
                    for (int i = 0; i < 10_000; i++) {
                        tar.entry('5', "m/d" + i + "/", new byte[0], header -> {});
                    }
                }),
                good("zeros in many small files", Rule.LIMIT, tar -> {
                    for (int i = 0; i < 50; i++) {
                        tar.file("m/f" + i, new byte[1 << 20], header -> {});
                    }
                }));
    }

    /** A right tar with more behind its manifest. */
    private static HostileCase good(String title, Rule rule, Consumer<HostileTar> more) {
        return new HostileCase("tar: " + title, rule, directory -> {
            HostileTar tar = HostileTar.withManifest();
            more.accept(tar);
            return tar.in(directory);
        });
    }
}
