package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cresset.mar.internal.manifest.ManifestReader;
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
import java.util.stream.LongStream;
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
    private byte[] beforeEnd = {};
    private byte[] afterEnd = {};
    private Consumer<ByteBuffer> end = record -> {};

    /** One entry. What is set here is written, whether it is true or not. */
    static final class Part {
        byte[] name;
        byte @Nullable [] localName;
        byte[] data;
        byte[] extra = {};
        byte @Nullable [] listedExtra;
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

        /** Change the 30 bytes of the local header, the 46 of the one in the directory, once they are written. */
        Consumer<ByteBuffer> local = header -> {};

        Consumer<ByteBuffer> listed = header -> {};

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
            extra = extra(/* id= */ 1, numbers(listedSize, listedCompressedSize));
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

    /** An extra field, of which headers may hold any number. */
    static byte[] extra(int id, byte[] content) {
        return ByteBuffer.allocate(4 + content.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) id)
                .putShort((short) content.length)
                .put(content)
                .array();
    }

    /** Numbers of eight bytes, as zips have them. */
    static byte[] numbers(long... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        LongStream.of(numbers).forEach(bytes::putLong);
        return bytes.array();
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
        return madeOn(0);
    }

    /** Says in every entry on what the zip was made: 0 and 10 for Windows, 3 for Unix, 19 for macOS. */
    HostileZip madeOn(int system) {
        madeOn = system;
        return this;
    }

    /** Puts bytes between the last entry and the directory. */
    HostileZip beforeDirectory(byte[] bytes) {
        tail = bytes.clone();
        return this;
    }

    /** Puts bytes between the directory and the record at the end. */
    HostileZip beforeEnd(byte[] bytes) {
        beforeEnd = bytes.clone();
        return this;
    }

    /** Puts bytes after the record at the end; it says that they are not there. */
    HostileZip afterEnd(byte[] bytes) {
        afterEnd = bytes.clone();
        return this;
    }

    /** Changes the 22 bytes of the record at the end, once they are written. */
    HostileZip end(Consumer<ByteBuffer> change) {
        end = change;
        return this;
    }

    byte[] bytes() {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        ByteArrayOutputStream directory = new ByteArrayOutputStream();
        for (Part part : parts) {
            zip.writeBytes(part.before);
            long offset = zip.size() + part.shift;
            byte[] localName = part.localName == null ? part.name : part.localName;
            ByteBuffer local = header(30, 0x04034b50, part.flags, part.method)
                    .putInt(14, (int) part.crc)
                    .putInt(18, (int) part.compressedSize)
                    .putInt(22, (int) (part.size + part.localSizeLie))
                    .putShort(26, (short) localName.length)
                    .putShort(28, (short) part.extra.length);
            part.local.accept(local);
            zip.write(local.array(), local.arrayOffset(), local.capacity());
            zip.writeBytes(localName);
            zip.writeBytes(part.extra);
            zip.writeBytes(part.data);
            zip.writeBytes(part.after);

            byte[] listedExtra = part.listedExtra == null ? part.extra : part.listedExtra;
            ByteBuffer listed = ByteBuffer.allocate(46).order(ByteOrder.LITTLE_ENDIAN);
            listed.putInt(0x02014b50).putShort((short) (madeOn << 8 | 20));
            listed.put(header(30, 0, part.flags, part.method).position(4).limit(14));
            listed.putInt((int) part.crc).putInt((int) part.compressedSize).putInt((int) part.size);
            listed.putShort((short) part.name.length).putShort((short) listedExtra.length);
            listed.putInt(38, part.unixMode << 16).putInt(42, (int) offset);
            part.listed.accept(listed);
            directory.writeBytes(listed.array());
            directory.writeBytes(part.name);
            directory.writeBytes(listedExtra);
        }
        zip.writeBytes(tail);
        ByteBuffer record =
                ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 0x06054b50);
        record.putShort(8, (short) parts.size()).putShort(10, (short) parts.size());
        record.putInt(12, directory.size()).putInt(16, zip.size());
        end.accept(record);
        zip.writeBytes(directory.toByteArray());
        zip.writeBytes(beforeEnd);
        zip.writeBytes(record.array());
        zip.writeBytes(afterEnd);
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
