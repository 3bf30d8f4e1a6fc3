package dev.cresset.internal.image;

/**
 * A decoded image. Its pixels become red, green and blue only as they are asked for, row by row, so that nothing of the
 * image's size is held but what the decoder made. Used by one thread.
 */
public interface RgbRows {

    int width();

    int height();

    /**
     * Writes pixels of one row to the start of an array, three bytes each: red, green and blue.
     *
     * @param y the row
     * @param x the first pixel of it
     * @param count how many pixels
     */
    void read(int y, int x, int count, byte[] rgb);
}
