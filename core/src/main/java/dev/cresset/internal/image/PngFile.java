package dev.cresset.internal.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * A PNG reduced to what its pixels are made of: header, palette and compressed data, taken from the chunks by Pillow's rules
 * ({@code PngImagePlugin.py}). Before the data every checksum counts, the last of several palettes wins, and a palette that
 * is missing or short is filled up with black; behind the data nothing counts. Transparency, profiles and texts are left
 * out, so that no codec can act on them: the JDK's changes the values of grey samples when a PNG has a transparent colour.
 */
public final class PngFile {

    private static final int HEADER_LENGTH = 13;
    private static final int MAX_COLOURS = 256;
    private static final int IDAT = 0x49444154;

    /** What Pillow lets a chunk's type consist of. */
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte[] NOTHING = {};

    private final byte[] header;
    private final byte[] palette;
    private final byte[] data;

    private PngFile(byte[] header, byte[] palette, byte[] data) {
        this.header = header;
        this.palette = palette;
        this.data = data;
    }

    /**
     * Reads the chunks.
     *
     * @param bytes that begin with a PNG's signature
     */
    static PngFile read(byte[] bytes) throws ImageFormatException {
        ByteBuffer in = ByteBuffer.wrap(bytes).position(SIGNATURE.length);
        byte[] header = NOTHING;
        byte[] palette = NOTHING;
        while (true) {
            if (in.remaining() < 8) {
                throw damaged("a PNG that ends before its pixels");
            }
            int length = in.getInt();
            String type = type(in);
            if (type.equals("IDAT")) {
                if (header.length == 0) {
                    throw damaged("a PNG without a header");
                }
                return new PngFile(header, palette, data(bytes, in, length));
            }
            byte[] body = body(bytes, in, type, length);
            switch (type) {
                case "IHDR" -> header = header(body);
                case "PLTE" -> palette = header.length > 0 && header[9] == 3 ? palette(body) : palette;
                case "IEND" -> throw damaged("a PNG without pixels");
                default -> {}
            }
        }
    }

    private static String type(ByteBuffer in) throws ImageFormatException {
        StringBuilder type = new StringBuilder(4);
        for (int i = 0; i < 4; i++) {
            char c = (char) (in.get() & 0xff);
            if (LETTERS.indexOf(c) < 0) {
                throw damaged("a PNG with no chunk at byte " + (in.position() - i - 5));
            }
            type.append(c);
        }
        return type.toString();
    }

    private static byte[] body(byte[] bytes, ByteBuffer in, String type, int length) throws ImageFormatException {
        // Compared before anything is allocated: the length is whatever the file claims.
        if (length < 0 || length > in.remaining() - 4) {
            throw damaged("a PNG that ends in its chunk " + type);
        }
        CRC32 checksum = new CRC32();
        checksum.update(bytes, in.position() - 4, length + 4);
        byte[] body = new byte[length];
        in.get(body);
        if (in.getInt() != (int) checksum.getValue()) {
            throw damaged("a PNG with a wrong checksum in its chunk " + type);
        }
        return body;
    }

    private static byte[] header(byte[] body) throws ImageFormatException {
        if (body.length < HEADER_LENGTH) {
            throw damaged("a PNG with a header of " + body.length + " bytes, expected " + HEADER_LENGTH);
        }
        byte[] header = new byte[HEADER_LENGTH];
        System.arraycopy(body, 0, header, 0, HEADER_LENGTH);
        header[10] = 0; // the only compression there is, whatever the byte says
        header[12] = (byte) (body[12] == 0 ? 0 : 1);
        return header;
    }

    private static byte[] palette(byte[] body) throws ImageFormatException {
        int colours = body.length / 3;
        if (colours > MAX_COLOURS) {
            throw damaged("a PNG with a palette of " + colours + " colours");
        }
        byte[] palette = new byte[3 * colours];
        System.arraycopy(body, 0, palette, 0, palette.length);
        return palette;
    }

    /** The data of the chunks that follow each other without another between them, as far as the file goes. */
    private static byte[] data(byte[] bytes, ByteBuffer in, int first) {
        ByteArrayOutputStream data = new ByteArrayOutputStream(in.remaining());
        int length = first;
        while (true) {
            int present = length < 0 ? in.remaining() : Math.min(length, in.remaining());
            data.write(bytes, in.position(), present);
            in.position(in.position() + present);
            if (in.remaining() < 12 || in.getInt(in.position() + 8) != IDAT) {
                return data.toByteArray();
            }
            length = in.getInt(in.position() + 4);
            in.position(in.position() + 12);
        }
    }

    long width() {
        return Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(0));
    }

    long height() {
        return Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(4));
    }

    int bitDepth() {
        return header[8] & 0xff;
    }

    /** 0 is grey, 2 RGB, 3 a palette, 4 grey and alpha, 6 RGB and alpha. */
    int colourType() {
        return header[9] & 0xff;
    }

    /** One part of the palette, for every value a sample may have: 0 its reds, 1 its greens, 2 its blues. */
    byte[] palette(int part) {
        byte[] values = new byte[MAX_COLOURS];
        for (int i = 0; 3 * i < palette.length; i++) {
            values[i] = palette[3 * i + part];
        }
        return values;
    }

    /** A PNG of nothing but this. */
    byte[] toBytes() {
        byte[] full = colourType() == 3 ? new byte[3 << Math.min(8, bitDepth())] : NOTHING;
        System.arraycopy(palette, 0, full, 0, Math.min(palette.length, full.length));
        byte[] bytes = new byte[SIGNATURE.length + 4 * 12 + header.length + full.length + data.length];
        ByteBuffer out = ByteBuffer.wrap(bytes).put(SIGNATURE);
        put(bytes, out, "IHDR", header);
        if (full.length > 0) {
            put(bytes, out, "PLTE", full);
        }
        put(bytes, out, "IDAT", data);
        put(bytes, out, "IEND", NOTHING);
        return Arrays.copyOf(bytes, out.position());
    }

    private static void put(byte[] bytes, ByteBuffer out, String type, byte[] body) {
        out.putInt(body.length);
        int from = out.position();
        out.put(type.getBytes(StandardCharsets.US_ASCII)).put(body);
        CRC32 checksum = new CRC32();
        checksum.update(bytes, from, out.position() - from);
        out.putInt((int) checksum.getValue());
    }

    private static ImageFormatException damaged(String what) {
        return new ImageFormatException("the image is damaged: " + what);
    }
}
