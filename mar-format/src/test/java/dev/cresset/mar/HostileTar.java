package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;

/**
 * Writes gzipped tars record by record: right ones, and with one thing changed the kind that no archiver writes.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class HostileTar {
    private static final int RECORD = 512;

    private final ByteArrayOutputStream tar = new ByteArrayOutputStream();
    private byte[] end = new byte[2 * RECORD];

    /** One header: 512 bytes, in the format of POSIX. What is set here is written, whether it is true or not. */
    static final class Header {
        static final int NAME = 0;
        static final int MODE = 100;
        static final int USER = 108;
        static final int GROUP = 116;
        static final int SIZE = 124;
        static final int TIME = 136;
        static final int CHECKSUM = 148;
        static final int TYPE = 156;
        static final int LINK = 157;
        static final int MAGIC = 257;
        static final int MAJOR = 329;
        static final int MINOR = 337;
        static final int PREFIX = 345;

        private final byte[] bytes = new byte[RECORD];
        private int checksumLie;

        Header(char type, String name, int size) {
            put(NAME, Arrays.copyOf(name.getBytes(UTF_8), 100));
            put(MODE, "0000644\0");
            put(SIZE, octal(size));
            put(TIME, octal(0));
            bytes[TYPE] = (byte) type;
            put(MAGIC, "ustar\00000");
        }

        Header put(int offset, String ascii) {
            return put(offset, ascii.getBytes(ISO_8859_1));
        }

        /** What does not fit is cut off. */
        Header put(int offset, byte[] content) {
            System.arraycopy(content, 0, bytes, offset, Math.min(content.length, RECORD - offset));
            return this;
        }

        Header size(long size) {
            return put(SIZE, octal(size));
        }

        /** A size as GNU tar writes what octal digits cannot: eleven bytes after a mark, in two's complement. */
        Header binarySize(long size) {
            byte[] field = new byte[12];
            Arrays.fill(field, (byte) (size < 0 ? 0xff : 0));
            for (int i = 0; i < 8; i++) {
                field[11 - i] = (byte) (size >> (8 * i));
            }
            field[0] |= (byte) 0x80;
            return put(SIZE, field);
        }

        Header wrongChecksum() {
            checksumLie = 1;
            return this;
        }

        private byte[] signed() {
            Arrays.fill(bytes, CHECKSUM, CHECKSUM + 8, (byte) ' ');
            int sum = checksumLie;
            for (byte b : bytes) {
                sum += b & 0xff;
            }
            put(CHECKSUM, String.format(Locale.ROOT, "%06o\0 ", sum));
            return bytes;
        }

        private static String octal(long number) {
            return String.format(Locale.ROOT, "%011o\0", number);
        }
    }

    /** A tar with a manifest that asks for no files, under the folder {@code m} as the archiver has it. */
    static HostileTar withManifest() {
        return withManifest(HostileZip.MANIFEST);
    }

    static HostileTar withManifest(String json) {
        return new HostileTar().file("m/" + ManifestReader.ENTRY, json);
    }

    HostileTar file(String name, String content) {
        return file(name, content.getBytes(UTF_8), header -> {});
    }

    HostileTar file(String name, byte[] content, Consumer<Header> change) {
        return entry('0', name, content, change);
    }

    /** Writes a header and content of any type; a name that does not fit the header comes in one of its own before. */
    HostileTar entry(char type, String name, byte[] content, Consumer<Header> change) {
        if (name.getBytes(UTF_8).length > 100) {
            pax('x', record("path", name));
        }
        Header header = new Header(type, name, content.length);
        change.accept(header);
        return raw(header.signed()).padded(content);
    }

    HostileTar link(char type, String name, String target) {
        return entry(type, name, new byte[0], header -> header.put(Header.LINK, target));
    }

    /** Writes attributes for the next entry ({@code x}) or for all that follow ({@code g}); see {@link #record}. */
    HostileTar pax(char type, String records) {
        return pax(type, records.getBytes(UTF_8), header -> {});
    }

    HostileTar pax(char type, byte[] records, Consumer<Header> change) {
        Header header = new Header(type, "PaxHeaders/m", records.length);
        change.accept(header);
        return raw(header.signed()).padded(records);
    }

    /** Returns one attribute with its length in front, as it should be. */
    static String record(String key, String value) {
        String rest = " " + key + "=" + value + "\n";
        int length = rest.getBytes(UTF_8).length;
        int whole = length + String.valueOf(length).length();
        return (length + String.valueOf(whole).length()) + rest;
    }

    /** Writes the next entry's name ({@code L}) or link ({@code K}) as GNU tar does when it is long. */
    HostileTar gnuLong(char type, String text) {
        byte[] content = (text + "\0").getBytes(UTF_8);
        return raw(new Header(type, "././@LongLink", content.length).signed()).padded(content);
    }

    HostileTar raw(byte[] bytes) {
        tar.writeBytes(bytes);
        return this;
    }

    private HostileTar padded(byte[] content) {
        raw(content);
        return raw(new byte[(RECORD - content.length % RECORD) % RECORD]);
    }

    /** Writes this in place of the two records of zeros at the end. */
    HostileTar end(byte[] bytes) {
        end = bytes.clone();
        return this;
    }

    byte[] tar() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(tar.toByteArray());
        whole.writeBytes(end);
        return whole.toByteArray();
    }

    byte[] bytes() {
        return gzip(tar());
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return gzip.toByteArray();
    }

    /** Writes the archive as {@code m.tar.gz}. */
    Path in(Path directory) {
        try {
            return Files.write(directory.resolve("m.tar.gz"), bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
