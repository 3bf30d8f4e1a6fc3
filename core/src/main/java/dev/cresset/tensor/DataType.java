package dev.cresset.tensor;

import java.util.Locale;

/**
 * The type of a tensor's elements, named as PyTorch names it. These are the types of LibTorch whose elements a JVM can
 * hold; a model that answers with another (complex, quantised) has to convert it itself.
 *
 * <p>Instances are constants, safe for use by several threads.
 */
public enum DataType {
    /** 32-bit float: Java's {@code float}. */
    FLOAT32(4),
    /** 64-bit float: Java's {@code double}. */
    FLOAT64(8),
    /** IEEE 754 half precision; held as its 16 bits, a Java {@code short}. */
    FLOAT16(2),
    /** The upper half of a 32-bit float; held as its 16 bits, a Java {@code short}. */
    BFLOAT16(2),
    /** Signed byte: Java's {@code byte}. */
    INT8(1),
    /** Unsigned byte, such as a pixel; held in a Java {@code byte}, whose sign means nothing here. */
    UINT8(1),
    /** Java's {@code short}. */
    INT16(2),
    /** Java's {@code int}. */
    INT32(4),
    /** Java's {@code long}; what PyTorch calls {@code long} and takes for indices. */
    INT64(8),
    /** One byte an element: 0 or 1. */
    BOOL(1);

    private final int bytes;
    private final String text;

    DataType(int bytes) {
        this.bytes = bytes;
        this.text = name().toLowerCase(Locale.ROOT);
    }

    /** How many bytes one element takes. */
    public int bytes() {
        return bytes;
    }

    /** The name that PyTorch uses: {@code float32}. */
    @Override
    public String toString() {
        return text;
    }
}
