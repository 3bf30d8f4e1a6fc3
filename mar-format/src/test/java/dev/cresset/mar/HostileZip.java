package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes zips byte by byte: right ones, and with one thing changed the kind that no archiver writes.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class HostileZip {
    static final String MANIFEST =
            "{\"runtime\": \"python\", \"model\": {\"modelName\": \"m\", \"modelVersion\": \"1.0\", \"handler\": \"h\"}}";

    private final List<Part> parts = new ArrayList<>();
    private int madeOn = 3;
    private byte[] tail = {};

    /** One entry. What is set here is written, whether it is true or not. */
    static final class Part {
        byte[] name;
        byte @Nullable [] localName;
        byte[] data;
        byte[] extra = {};
        byte[] before = {};
        byte[] after = {};
        int method;
        int flags;
        int unixMode;
        long crc;
        long size;
        long compressedSize;
        long shift;
        long localSizeLie;

        Part(String name, byte[] content, boolean deflate) {
            CRC32 sum = new CRC32();
            sum.update(content);
            this.name = name.getBytes(UTF_8);
            crc = sum.getValue();
            data = deflate ? deflated(content) : content;
            method = deflate ? 8 : 0;
            size = content.length;
            compressedSize = data.length;
        }

        /** Moves the sizes to where zips keep those above 4 GiB. */
        void zip64(long listedSize, long listedCompressedSize) {
            size = 0xffffffffL;
            compressedSize = 0xffffffffL;
            extra = ByteBuffer.allocate(20)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putShort((short) 1)
                    .putShort((short) 16)
                    .putLong(listedSize)
                    .putLong(listedCompressedSize)
                    .array();
        }

        private static byte[] deflated(byte[] content) {
            Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, /* nowrap= */ true);
            try {
                deflater.setInput(content);
                deflater.finish();
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                byte[] buffer = new byte[1 << 16];
                while (!deflater.finished()) {
                    out.write(buffer, 0, deflater.deflate(buffer));
                }
                return out.toByteArray();
            } finally {
                deflater.end();
            }
        }
    }

    /** A zip with a manifest that asks for no files. */
    static HostileZip withManifest() {
        return new HostileZip().deflated(ManifestReader.ENTRY, MANIFEST);
    }

    static HostileZip withManifest(String json) {
        return new HostileZip().deflated(ManifestReader.ENTRY, json);
    }

    HostileZip deflated(String name, String content) {
        return deflated(name, content.getBytes(UTF_8), part -> {});
    }

    HostileZip deflated(String name, byte[] content, Consumer<Part> change) {
        return add(new Part(name, content, /* deflate= */ true), change);
    }

    HostileZip stored(String name, String content) {
        return stored(name, content, part -> {});
    }

    HostileZip stored(String name, byte[] content) {
        return add(new Part(name, content, /* deflate= */ false), part -> {});
    }

    HostileZip stored(String name, String content, Consumer<Part> change) {
        return add(new Part(name, content.getBytes(UTF_8), /* deflate= */ false), change);
    }

    private HostileZip add(Part part, Consumer<Part> change) {
        change.accept(part);
        parts.add(part);
        return this;
    }

    /** Says in every entry that the zip was made on Windows; it says Unix otherwise. */
    HostileZip madeOnWindows() {
        madeOn = 0;
        return this;
    }

    /** Puts bytes between the last entry and the directory. */
    HostileZip beforeDirectory(byte[] bytes) {
        tail = bytes.clone();
        return this;
    }

    byte[] bytes() {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        ByteArrayOutputStream directory = new ByteArrayOutputStream();
        for (Part part : parts) {
            zip.writeBytes(part.before);
            long offset = zip.size() + part.shift;
            byte[] localName = part.localName == null ? part.name : part.localName;
            zip.writeBytes(header(30, 0x04034b50, part.flags, part.method)
                    .putInt(14, (int) part.crc)
                    .putInt(18, (int) part.compressedSize)
                    .putInt(22, (int) (part.size + part.localSizeLie))
                    .putShort(26, (short) localName.length)
                    .putShort(28, (short) part.extra.length)
                    .array());
            zip.writeBytes(localName);
            zip.writeBytes(part.extra);
            zip.writeBytes(part.data);
            zip.writeBytes(part.after);

            ByteBuffer listed = ByteBuffer.allocate(46).order(ByteOrder.LITTLE_ENDIAN);
            listed.putInt(0x02014b50).putShort((short) (madeOn << 8 | 20));
            listed.put(header(30, 0, part.flags, part.method).position(4).limit(14));
            listed.putInt((int) part.crc).putInt((int) part.compressedSize).putInt((int) part.size);
            listed.putShort((short) part.name.length).putShort((short) part.extra.length);
            listed.putInt(38, part.unixMode << 16).putInt(42, (int) offset);
            directory.writeBytes(listed.array());
            directory.writeBytes(part.name);
            directory.writeBytes(part.extra);
        }
        zip.writeBytes(tail);
        ByteBuffer end = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 0x06054b50);
        end.putShort(8, (short) parts.size()).putShort(10, (short) parts.size());
        end.putInt(12, directory.size()).putInt(16, zip.size());
        zip.writeBytes(directory.toByteArray());
        zip.writeBytes(end.array());
        return zip.toByteArray();
    }

    private static ByteBuffer header(int length, int signature, int flags, int method) {
        return ByteBuffer.allocate(length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, signature)
                .putShort(4, (short) 20)
                .putShort(6, (short) flags)
                .putShort(8, (short) method);
    }

    /** Writes the zip as {@code m.mar}. */
    Path in(Path directory) {
        try {
            return Files.write(directory.resolve("m.mar"), bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
