package dev.cresset.internal.image;

/**
 * What the markers of a JPEG say about its size and colours (ITU-T T.81, annex B; JFIF 1.02; Adobe's APP14).
 *
 * @param width in pixels
 * @param height in pixels
 * @param colours what the components stand for, by the rules of libjpeg's {@code default_decompress_parms}
 * @param marked whether a marker says so; where none does, the JDK's codec guesses by rules of its own
 * @param halfHeight a bit for each component that has half the rows of the image but all its columns
 */
public record JpegHeader(int width, int height, Colours colours, boolean marked, int halfHeight) {

    /** What a JPEG's components stand for. */
    enum Colours {
        GREY,
        RGB,
        YCBCR,
        CMYK,
        YCCK
    }

    /** Whether a component has half the rows of the image but all its columns, as after turning a 4:2:2 photo. */
    boolean hasHalfHeight(int component) {
        return (halfHeight >> component & 1) == 1;
    }

    /**
     * Whether the JDK's codec may be left to make RGB of the samples: it does so as libjpeg does, where both take them to be the
     * same, and nothing is to be smoothed before.
     */
    boolean isConvertedByCodec() {
        return colours == Colours.YCBCR && marked && halfHeight == 0;
    }

    /** The same of samples that have become RGB. */
    JpegHeader inRgb() {
        return new JpegHeader(width, height, Colours.RGB, marked, halfHeight);
    }

    /** Reads up to the first scan; the scans of a progressive JPEG must be complete. */
    static JpegHeader read(byte[] bytes) throws ImageFormatException {
        JpegMarkers segment = new JpegMarkers(bytes);
        Frame frame = new Frame();
        while (segment.next()) {
            if (segment.marker() == 0xe0 && segment.length() >= 14 && segment.startsWith("JFIF\0")) {
                frame.jfif = true;
            } else if (segment.marker() == 0xee && segment.length() >= 12 && segment.startsWith("Adobe")) {
                frame.adobe = segment.u8(11);
            } else if (segment.isFrame()) {
                frame.read(segment);
            } else if (segment.marker() == 0xda && frame.components > 0) {
                if (frame.marker == 0xc2) {
                    ProgressiveScans.checkComplete(segment, frame.ids);
                }
                return new JpegHeader(frame.width, frame.height, frame.colours(), frame.marked(), frame.halfHeight());
            }
        }
        throw new ImageFormatException("the image is damaged: a JPEG that ends before its pixels");
    }

    /** What is known of the frame so far. */
    private static final class Frame {
        boolean jfif;
        int adobe = -1;
        int marker;
        int width;
        int height;
        int components;
        int[] ids = {};
        int[] across = {};
        int[] down = {};

        void read(JpegMarkers segment) throws ImageFormatException {
            marker = segment.marker();
            height = segment.u16(1);
            width = segment.u16(3);
            components = segment.u8(5);
            if (width == 0 || height == 0) {
                throw new ImageFormatException("the image is damaged: a JPEG of " + width + " x " + height + " pixels");
            }
            if (components != 1 && components != 3 && components != 4) {
                throw new ImageFormatException(
                        "the image is a JPEG of " + components + " components, expected 1, 3 or 4");
            }
            ids = new int[components];
            across = new int[components];
            down = new int[components];
            for (int c = 0; c < components; c++) {
                ids[c] = segment.u8(6 + 3 * c);
                across[c] = segment.u8(7 + 3 * c) >> 4;
                down[c] = segment.u8(7 + 3 * c) & 0xf;
            }
        }

        Colours colours() {
            if (components == 1) {
                return Colours.GREY;
            } else if (components == 4) {
                return adobe > 0 ? Colours.YCCK : Colours.CMYK;
            } else if (jfif) {
                return Colours.YCBCR;
            } else if (adobe >= 0) {
                return adobe == 0 ? Colours.RGB : Colours.YCBCR;
            }
            return ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B' ? Colours.RGB : Colours.YCBCR;
        }

        /** The JDK's codec minds Adobe's marker even where there is JFIF's, libjpeg does not. */
        boolean marked() {
            return adobe < 0 ? jfif : adobe == 1;
        }

        int halfHeight() {
            int mostAcross = 0;
            int mostDown = 0;
            for (int c = 0; c < components; c++) {
                mostAcross = Math.max(mostAcross, across[c]);
                mostDown = Math.max(mostDown, down[c]);
            }
            int bits = 0;
            for (int c = 0; c < components; c++) {
                bits |= across[c] == mostAcross && 2 * down[c] == mostDown ? 1 << c : 0;
            }
            return bits;
        }
    }
}
