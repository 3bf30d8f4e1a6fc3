package dev.cresset.mar;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Zips of a few entries that are right but for what the input changes: their names, contents, and single bytes of what is
 * written about them.
 */
final class FuzzedZip {
    private static final int MOST_PARTS = 8;

    private final ByteBuffer input;

    private FuzzedZip(byte[] input) {
        this.input = ByteBuffer.wrap(input);
    }

    static byte[] of(byte[] input) {
        return new FuzzedZip(input).zip().bytes();
    }

    /** Writes the input of which {@link #of} makes a right zip with one more entry. */
    static byte[] input(boolean deflated, byte[] name, byte[] content, int... changes) {
        ByteBuffer input = ByteBuffer.allocate(4 + name.length + content.length + changes.length);
        input.put((byte) (deflated ? 1 : 0)).put((byte) name.length).put(name);
        input.put((byte) content.length).put(content).put((byte) (changes.length / 3));
        for (int change : changes) {
            input.put((byte) change);
        }
        return input.array();
    }

    private HostileZip zip() {
        HostileZip zip = HostileZip.withManifest();
        for (int i = 0; i < MOST_PARTS && input.hasRemaining(); i++) {
            boolean deflated = (next() & 1) == 1;
            byte[] name = bytes(next());
            byte[] content = bytes(next());
            if (deflated) {
                zip.deflated("", content, part -> change(part, name));
            } else {
                zip.stored("", "", part -> {
                    part.data = content;
                    part.crc = checksum(content);
                    part.size = content.length;
                    part.compressedSize = content.length;
                    change(part, name);
                });
            }
        }
        byte[] end = bytes(next());
        zip.end(record -> put(record, end));
        return zip;
    }

    private void change(HostileZip.Part part, byte[] name) {
        part.name = name;
        byte[] changes = bytes(3 * (next() & 15));
        byte[] local = new byte[30];
        for (int i = 0; i + 2 < changes.length; i += 3) {
            int place = changes[i + 1] & 0xff;
            byte value = changes[i + 2];
            switch (changes[i] & 7) {
                case 0 -> part.flags = value;
                case 1 -> part.method = value;
                case 2 -> part.unixMode = value << 8;
                case 3 -> part.size += value;
                case 4 -> part.compressedSize += value;
                case 5 -> part.extra = HostileZip.extra(/* id= */ 1, HostileZip.numbers(value, place));
                case 6 -> local[place % local.length] = value;
                default -> part.shift = value;
            }
        }
        part.local = record -> put(record, local);
    }

    /** Adds bytes to those of a record, so that zeros change nothing. */
    private static void put(ByteBuffer record, byte[] changes) {
        for (int i = 0; i < Math.min(record.capacity(), changes.length); i++) {
            record.put(i, (byte) (record.get(i) + changes[i]));
        }
    }

    private int next() {
        return input.hasRemaining() ? input.get() & 0xff : 0;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[Math.min(length, input.remaining())];
        input.get(bytes);
        return Arrays.copyOf(bytes, bytes.length);
    }

    private static long checksum(byte[] content) {
        CRC32 sum = new CRC32();
        sum.update(content);
        return sum.getValue();
    }
}
