package dev.cresset.pt2;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A {@code .pt2} that PyTorch wrote, with something changed in it behind right checksums.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class Pt2File {
    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures", "fixtures"), "pt2", "format");

    private final String top;
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private int method = ZipEntry.STORED;

    private Pt2File(String top) {
        this.top = top;
    }

    /** Returns the file as PyTorch wrote it. */
    static Path fixture(String name) {
        return FIXTURES.resolve(name);
    }

    /** Takes the entries of a fixture. */
    static Pt2File like(String name) throws IOException {
        return of(fixture(name), name.replace(".pt2", "/"));
    }

    private static Pt2File of(Path path, String top) throws IOException {
        Pt2File file = new Pt2File(top);
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                file.entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return file;
    }

    /** Takes the entries of a fixture that is compressed as a whole. */
    static Pt2File packed(String name) throws IOException {
        Path unpacked = Files.createTempFile("cresset", ".pt2");
        try (InputStream in = new GZIPInputStream(Files.newInputStream(fixture(name)))) {
            Files.copy(in, unpacked, StandardCopyOption.REPLACE_EXISTING);
            return of(unpacked, fixture(name).getFileName().toString().replace(".pt2.gz", "/"));
        } finally {
            Files.delete(unpacked);
        }
    }

    /** Returns an entry's text; names here are without the folder that all are in. */
    String text(String entry) {
        return new String(bytes(entry), UTF_8);
    }

    byte[] bytes(String entry) {
        byte[] bytes = entries.get(top + entry);
        if (bytes == null) {
            throw new IllegalArgumentException(entry + " is none of " + entries.keySet());
        }
        return bytes;
    }

    Pt2File with(String entry, byte[] content) {
        entries.put(top + entry, content);
        return this;
    }

    Pt2File with(String entry, String content) {
        return with(entry, content.getBytes(UTF_8));
    }

    Pt2File without(String entry) {
        bytes(entry);
        entries.remove(top + entry);
        return this;
    }

    /** Adds an entry under just this name. */
    Pt2File outside(String entry, String content) {
        entries.put(entry, content.getBytes(UTF_8));
        return this;
    }

    /** Replaces a piece of an entry's text, which must be in it. */
    Pt2File replacing(String entry, String piece, String by) {
        String text = text(entry);
        if (!text.contains(piece)) {
            throw new IllegalArgumentException(entry + " has no " + piece);
        }
        return with(entry, text.replace(piece, by));
    }

    /** Replaces a piece of the program. */
    Pt2File replacing(String piece, String by) {
        return replacing("models/model.json", piece, by);
    }

    Pt2File deflated() {
        method = ZipEntry.DEFLATED;
        return this;
    }

    Path in(Path directory) throws IOException {
        Path path = directory.resolve("m.pt2");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            for (Map.Entry<String, byte[]> one : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(one.getKey());
                CRC32 sum = new CRC32();
                sum.update(one.getValue());
                entry.setMethod(method);
                entry.setCrc(sum.getValue());
                entry.setSize(one.getValue().length);
                zip.putNextEntry(entry);
                zip.write(one.getValue());
            }
        }
        return path;
    }
}
