package dev.cresset.tensor;

import java.util.Arrays;

/** Arithmetic on shapes: the sizes of a tensor's dimensions, outermost first. */
final class Shapes {

    private Shapes() {}

    /** A private copy of a shape, each size checked. */
    static long[] checked(long... shape) {
        long[] copy = shape.clone();
        for (long size : copy) {
            if (size < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(copy) + " has a negative size");
            }
        }
        return copy;
    }

    /** How many elements a tensor of this shape has: 1 for a scalar, whose shape is empty. */
    static long elements(long... shape) {
        long elements = 1;
        for (long size : shape) {
            elements = Math.multiplyExact(elements, size);
        }
        return elements;
    }

    /** How many bytes that is, which a Java buffer must be able to hold. */
    static int bufferBytes(DataType type, long... shape) {
        long bytes;
        try {
            bytes = Math.multiplyExact(elements(shape), type.bytes());
        } catch (ArithmeticException e) {
            bytes = Long.MAX_VALUE;
        }
        if (bytes > Integer.MAX_VALUE - 128) {
            throw new IllegalArgumentException("a " + type + " tensor of shape " + Arrays.toString(shape)
                    + " is too large for one Java buffer, which holds 2 GiB; split it");
        }
        return (int) bytes;
    }
}
