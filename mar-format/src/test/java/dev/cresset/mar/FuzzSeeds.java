package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the fuzz targets start from, and what they once fell over. */
final class FuzzSeeds {
    private FuzzSeeds() {}

    /** Writes the seeds of one target into a folder, a file each: for {@code fuzz.sh}. */
    public static void main(String[] args) throws IOException {
        List<byte[]> seeds = switch (args[0]) {
            case "FuzzArchive" -> archives();
            case "FuzzManifest" -> manifests();
            case "FuzzConfig" -> configs();
            default -> throw new IllegalArgumentException(args[0]);
        };
        Path folder = Files.createDirectories(Path.of(args[1]));
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(folder.resolve("seed" + i), seeds.get(i));
        }
    }

    static List<byte[]> archives() {
        List<byte[]> seeds = new ArrayList<>();
        for (String name : List.of("full.mar", "stored.mar", "eager.mar", "native.mar", "packed.tar.gz")) {
            seeds.add(with(FuzzArchive.FILE, read(name)));
        }
        HostileTar tar = HostileTar.withManifest()
                .entry('5', "m/d/", new byte[0], header -> {})
                .file("m/d/x", "right");
        seeds.add(with(FuzzArchive.FILE, tar.bytes()));
        seeds.add(with(FuzzArchive.TAR, tar.tar()));
        seeds.add(with(
                FuzzArchive.TAR,
                HostileTar.withManifest()
                        .pax('g', HostileTar.record("comment", "c"))
                        .pax('x', HostileTar.record("path", "m/long") + HostileTar.record("size", "5"))
                        .file("m/x", "right")
                        .gnuLong('L', "m/longer")
                        .file("m/y", "right")
                        .file("x", "right".getBytes(UTF_8), header -> header.put(HostileTar.Header.PREFIX, "m"))
                        .file("m/z", "right".getBytes(UTF_8), header -> header.binarySize(5))
                        .tar()));
        byte[] content = "right".getBytes(UTF_8);
        seeds.add(with(FuzzArchive.ZIP, FuzzedZip.input(true, "d/x".getBytes(UTF_8), content)));
        seeds.add(with(FuzzArchive.ZIP, FuzzedZip.input(false, "d/".getBytes(UTF_8), new byte[0])));
        for (int kind = 0; kind < 8; kind++) {
            seeds.add(with(FuzzArchive.ZIP, FuzzedZip.input(false, "x".getBytes(UTF_8), content, kind, 6, 1)));
        }
        seeds.add(with(
                FuzzArchive.FILE, HostileZip.withManifest().afterEnd(content).bytes()));
        seeds.add(with(
                FuzzArchive.FILE,
                HostileZip.withManifest()
                        .stored("x", "right", part -> part.zip64(5, 5))
                        .bytes()));
        return seeds;
    }

    static List<byte[]> manifests() {
        return texts(
                HostileZip.MANIFEST,
                "{\"model\": {\"modelName\": 'm', modelVersion: 1.10, \"serializedFile\": \"model.pt\", \"configFile\":"
                        + " \"config.yaml\", \"extensions\": {\"a\": [1, 1.5e3, null, true]}}, // more\n"
                        + "\"runtime\": \"LSP\", \"createdOn\": \"01/01/2026\", \"other\": \"\\u00e9\",}",
                "\ufeff# one\n{/* two */ \"model\": {\"modelName\": \"m\", \"modelVersion\": \"1\", \"modelFile\": \"../x\"}}",
                "{\"model\": [], \"a\": 1e999999999}",
                "[".repeat(200));
    }

    static List<byte[]> configs() {
        return texts(
                """
                minWorkers: 1
                maxWorkers: 0x4
                maxBatchDelay: 1:30
                responseTimeout: -1
                deviceType: gpu
                deviceIds: [0, 1, ~]
                parallelType: pp
                useJobTicket: yes
                """,
                """
                torchrun:
                  nproc-per-node: 4
                  rdzv-backend: c10d
                handler: {a: 1.5, b: .inf, c: 2026-01-01}
                """,
                """
                BatchSize: 1
                base: &b {x: 1, y: [2]}
                handler:
                  <<: *b
                  x: !!str 3
                  z: !!set {a, b}
                """,
                "a: &a {? [*a] : 1}\n",
                "a: &a {<<: *a}\nb: !!binary aGk=\nc: |\n  text\nd: >-\n  more\n",
                "l0: &l0 {k: 1}\nl1: &l1 {<<: [*l0, *l0]}\nl2: {<<: [*l1, *l1]}\n",
                "%YAML 1.1\n---\n\"a\\x41\": 'b'\n...\n");
    }

    private static List<byte[]> texts(String... texts) {
        return Stream.of(texts).map(text -> text.getBytes(UTF_8)).toList();
    }

    private static byte[] with(byte first, byte[] rest) {
        byte[] whole = new byte[rest.length + 1];
        whole[0] = first;
        System.arraycopy(rest, 0, whole, 1, rest.length);
        return whole;
    }

    private static byte[] read(String name) {
        try {
            return Files.readAllBytes(RealArchives.path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
