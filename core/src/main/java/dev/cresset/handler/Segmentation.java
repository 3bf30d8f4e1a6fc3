package dev.cresset.handler;

import java.util.AbstractList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What a model sees at each pixel of an image: a class, and how sure it is of it.
 *
 * <p>The arrays are this object's own, not copies: nobody else writes to them. Safe for use by several threads that only
 * read.
 */
public final class Segmentation {

    private final int height;
    private final int width;
    private final int[] classes;
    private final float[] probabilities;

    Segmentation(int height, int width, int[] classes, float[] probabilities) {
        this.height = height;
        this.width = width;
        this.classes = classes;
        this.probabilities = probabilities;
    }

    /** How many rows there are. */
    public int height() {
        return height;
    }

    /** How many pixels a row has. */
    public int width() {
        return width;
    }

    /** The model's number of the likeliest class at each pixel, row by row. */
    public int[] classes() {
        return classes;
    }

    /** How likely it is there, from 0 to 1, row by row. */
    public float[] probabilities() {
        return probabilities;
    }

    /** As TorchServe answers: rows of pairs of class and probability, both floats. */
    List<Object> toJson() {
        return list(height, y -> list(width, x -> pair(y * width + x)));
    }

    private List<Object> pair(int pixel) {
        return List.of((float) classes[pixel], probabilities[pixel]);
    }

    /** Made as it is read: an image has tens of thousands of pairs. */
    private static List<Object> list(int size, IntFunction<Object> elements) {
        return new AbstractList<>() {
            @Override
            public Object get(int index) {
                return elements.apply(index);
            }

            @Override
            public int size() {
                return size;
            }
        };
    }
}
