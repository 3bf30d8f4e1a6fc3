package dev.cresset.tensor;

import java.util.Arrays;
import java.util.Objects;

/** Arithmetic on shapes: the sizes of a tensor's dimensions, outermost first. */
final class Shapes {

    /** More than can be counted. */
    private static final long TOO_MANY = -1;

    private Shapes() {}

    /** A private copy of a shape, each size checked. */
    static long[] checked(long... shape) {
        long[] copy = Objects.requireNonNull(shape, "shape").clone();
        for (long size : copy) {
            if (size < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(copy) + " has a negative size");
            }
        }
        return copy;
    }

    /**
     * How many elements a tensor of this shape has: 1 for a scalar, whose shape is empty.
     *
     * @throws IllegalArgumentException if there are more than any tensor can have
     */
    static long elements(long... shape) {
        long elements = count(shape);
        if (elements == TOO_MANY) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " has more elements than any tensor can have");
        }
        return elements;
    }

    /** Sizes need not be looked at in their order: with a zero among them, however large the others are, there is nothing. */
    private static long count(long... shape) {
        long elements = 1;
        for (long size : shape) {
            if (size == 0) {
                return 0;
            }
            boolean fits = elements != TOO_MANY && Math.multiplyHigh(elements, size) == 0 && elements * size > 0;
            elements = fits ? elements * size : TOO_MANY;
        }
        return elements;
    }

    /** How many bytes that is, which a Java buffer must be able to hold. */
    static int bufferBytes(DataType type, long... shape) {
        long elements = count(shape);
        if (elements == TOO_MANY || elements > (Integer.MAX_VALUE - 128) / type.bytes()) {
            throw new IllegalArgumentException("a " + type + " tensor of shape " + Arrays.toString(shape)
                    + " is too large for one Java buffer, which holds 2 GiB; split it");
        }
        return (int) elements * type.bytes();
    }
}
