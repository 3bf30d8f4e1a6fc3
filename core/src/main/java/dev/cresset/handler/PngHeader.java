package dev.cresset.handler;

/**
 * What a PNG's first chunk, IHDR, says about its samples (PNG specification, third edition, 11.2.1).
 *
 * @param bitDepth how many bits a sample has
 * @param colourType 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
 */
record PngHeader(int bitDepth, int colourType) {

    static PngHeader read(byte[] bytes) throws ImageFormatException {
        if (bytes.length < 26) {
            throw new ImageFormatException("the image is damaged: it ends in its header");
        }
        return new PngHeader(bytes[24] & 0xff, bytes[25] & 0xff);
    }
}
