package dev.cresset.handler;

/**
 * One thing that a model sees in an image.
 *
 * @param index the model's number of the class
 * @param label its name, or the number where the archive names none
 * @param score how sure the model is, from 0 to 1
 * @param box where it is
 */
public record Detection(int index, String label, float score, Box box) {

    /**
     * A rectangle in an image, in pixels from its upper left corner.
     *
     * @param left where it begins
     * @param top where it begins
     * @param right where it ends
     * @param bottom where it ends
     */
    public record Box(float left, float top, float right, float bottom) {}
}
