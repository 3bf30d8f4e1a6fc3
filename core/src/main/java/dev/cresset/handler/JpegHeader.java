package dev.cresset.handler;

/**
 * What the markers of a JPEG say about its size and colours (ITU-T T.81, annex B; JFIF 1.02; Adobe's APP14).
 *
 * @param width in pixels
 * @param height in pixels
 * @param colours what the components stand for, by the rules of libjpeg's {@code default_decompress_parms}
 */
record JpegHeader(int width, int height, Colours colours) {

    /** What a JPEG's components stand for. */
    enum Colours {
        GREY,
        RGB,
        YCBCR,
        CMYK,
        YCCK
    }

    /** Reads up to the first scan. */
    static JpegHeader read(byte[] bytes) throws ImageFormatException {
        boolean jfif = false;
        int adobe = -1;
        int at = 2;
        while (at + 4 <= bytes.length) {
            if ((bytes[at] & 0xff) != 0xff) {
                at++; // libjpeg skips what lies between segments, too
                continue;
            }
            int marker = bytes[at + 1] & 0xff;
            if (marker == 0xff || marker == 0x00 || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
                at += marker == 0xff ? 1 : 2; // fill bytes, and markers without a segment
                continue;
            }
            int length = u16(bytes, at + 2);
            int body = at + 4;
            if (marker == 0xe0 && startsWith(bytes, body, "JFIF\0")) {
                jfif = true;
            } else if (marker == 0xee && startsWith(bytes, body, "Adobe") && length >= 14) {
                adobe = u8(bytes, body + 11);
            } else if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
                return frame(bytes, body, jfif, adobe);
            } else if (marker == 0xd9 || marker == 0xda) {
                break;
            }
            at += 2 + length;
        }
        throw new ImageFormatException("the image is damaged: a JPEG without a frame header");
    }

    private static JpegHeader frame(byte[] bytes, int body, boolean jfif, int adobe) throws ImageFormatException {
        int height = u16(bytes, body + 1);
        int width = u16(bytes, body + 3);
        int components = u8(bytes, body + 5);
        if (width == 0 || height == 0) {
            throw new ImageFormatException("the image is damaged: a JPEG of " + width + " x " + height + " pixels");
        }
        return new JpegHeader(
                width,
                height,
                switch (components) {
                    case 1 -> Colours.GREY;
                    case 3 -> threeComponents(bytes, body, jfif, adobe);
                    case 4 -> adobe > 0 ? Colours.YCCK : Colours.CMYK;
                    default ->
                        throw new ImageFormatException(
                                "the image is a JPEG of " + components + " components, expected 1, 3 or 4");
                });
    }

    private static Colours threeComponents(byte[] bytes, int body, boolean jfif, int adobe)
            throws ImageFormatException {
        if (jfif) {
            return Colours.YCBCR;
        }
        if (adobe >= 0) {
            return adobe == 0 ? Colours.RGB : Colours.YCBCR;
        }
        boolean named = u8(bytes, body + 6) == 'R' && u8(bytes, body + 9) == 'G' && u8(bytes, body + 12) == 'B';
        return named ? Colours.RGB : Colours.YCBCR;
    }

    private static boolean startsWith(byte[] bytes, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= bytes.length || bytes[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int u8(byte[] bytes, int at) throws ImageFormatException {
        if (at >= bytes.length) {
            throw new ImageFormatException("the image is damaged: it ends in its header");
        }
        return bytes[at] & 0xff;
    }

    private static int u16(byte[] bytes, int at) throws ImageFormatException {
        return (u8(bytes, at) << 8) | u8(bytes, at + 1);
    }
}
