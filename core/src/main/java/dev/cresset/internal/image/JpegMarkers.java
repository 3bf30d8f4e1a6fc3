package dev.cresset.internal.image;

/**
 * Walks through a JPEG from segment to segment (ITU-T T.81, B.1.1). What lies between them is skipped: fill bytes, stray
 * bytes as libjpeg skips them, and the compressed data. Used by one thread.
 */
public final class JpegMarkers {

    private final byte[] bytes;
    private int at = 2;
    private int marker;
    private int body;

    /** Begins behind the start-of-image marker. */
    JpegMarkers(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Goes to the next segment, if there is one before the image ends. */
    boolean next() throws ImageFormatException {
        while (at + 4 <= bytes.length) {
            int code = bytes[at + 1] & 0xff;
            if ((bytes[at] & 0xff) != 0xff || code == 0xff) {
                at++;
            } else if (code <= 0x01 || (code >= 0xd0 && code <= 0xd8)) {
                at += 2; // an escaped 0xff in the data, or a marker without a segment
            } else if (code == 0xd9) {
                return false;
            } else {
                marker = code;
                body = at + 4;
                at += 2 + Math.max(2, u16(-2));
                return true;
            }
        }
        return false;
    }

    /** The second byte of the segment's marker. */
    int marker() {
        return marker;
    }

    /** Where in the image that byte is. */
    int markerAt() {
        return body - 3;
    }

    /** Whether the segment describes a frame: how large the image is, and what it is made of. */
    boolean isFrame() {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    /** How many bytes the segment has behind its length. */
    int length() {
        return at - body;
    }

    boolean startsWith(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (i >= length() || body + i >= bytes.length || bytes[body + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** A byte of the segment. */
    int u8(int offset) throws ImageFormatException {
        if (body + offset >= bytes.length) {
            throw new ImageFormatException("the image is damaged: a JPEG that ends in its header");
        }
        return bytes[body + offset] & 0xff;
    }

    /** Two bytes of the segment as one number. */
    int u16(int offset) throws ImageFormatException {
        return (u8(offset) << 8) | u8(offset + 1);
    }
}
