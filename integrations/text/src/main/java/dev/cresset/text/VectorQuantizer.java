package dev.cresset.text;

import java.util.List;
import java.util.Locale;

/**
 * Makes vectors of numbers into bytes, a quarter or a thirty-second of the memory, as {@code quantize_embeddings} of
 * sentence-transformers does.
 *
 * <pre>{@code
 * VectorQuantizer int8 = VectorQuantizer.int8(sample);         // what vectors of this model are like
 * byte[] small = int8.quantize(encoder.encode(text).vector());
 * byte[] bits = VectorQuantizer.ubinary().quantize(vector);
 * }</pre>
 *
 * <p>Queries and documents must be made by equal quantizers. Immutable, safe for use by several threads.
 */
public final class VectorQuantizer {

    private final Kind kind;
    private final float[] lowest;
    private final float[] steps;

    private VectorQuantizer(Kind kind, float[] lowest, float[] steps) {
        this.kind = kind;
        this.lowest = lowest;
        this.steps = steps;
    }

    /**
     * Each number as one of 256 between the smallest and the largest at its place in a sample, as a byte from -128 to 127. What
     * is outside of them becomes the nearest.
     *
     * @throws IllegalArgumentException if the sample is empty, or its vectors differ in length
     */
    public static VectorQuantizer int8(List<float[]> sample) {
        return of(Kind.INT8, sample);
    }

    /** As {@link #int8(List)}, as a byte without a sign. */
    public static VectorQuantizer uint8(List<float[]> sample) {
        return of(Kind.UINT8, sample);
    }

    /** As {@link #int8(List)}, between bounds that are known: {@code ranges} of sentence-transformers. */
    public static VectorQuantizer int8(float[] lowest, float[] largest) {
        return of(Kind.INT8, lowest, largest);
    }

    /** As {@link #uint8(List)}, between bounds that are known. */
    public static VectorQuantizer uint8(float[] lowest, float[] largest) {
        return of(Kind.UINT8, lowest, largest);
    }

    /** Of each number one bit, whether it is above zero, eight to a byte, the first highest; the byte less 128. */
    public static VectorQuantizer binary() {
        return new VectorQuantizer(Kind.BINARY, new float[0], new float[0]);
    }

    /** As {@link #binary}, without the 128: as stores that compare bits take it. */
    public static VectorQuantizer ubinary() {
        return new VectorQuantizer(Kind.UBINARY, new float[0], new float[0]);
    }

    private static VectorQuantizer of(Kind kind, List<float[]> sample) {
        if (sample.isEmpty()) {
            throw new IllegalArgumentException("the sample is empty, expected some vectors of the model");
        }
        float[] lowest = sample.get(0).clone();
        float[] largest = sample.get(0).clone();
        for (float[] vector : sample) {
            requireLength(vector, lowest.length);
            for (int i = 0; i < vector.length; i++) {
                lowest[i] = Math.min(lowest[i], vector[i]);
                largest[i] = Math.max(largest[i], vector[i]);
            }
        }
        return of(kind, lowest, largest);
    }

    private static VectorQuantizer of(Kind kind, float[] lowest, float[] largest) {
        requireLength(largest, lowest.length);
        float[] steps = new float[lowest.length];
        for (int i = 0; i < steps.length; i++) {
            if (!(lowest[i] <= largest[i])) {
                throw new IllegalArgumentException("at place " + i + " numbers are from " + lowest[i] + " to "
                        + largest[i] + ", which is no range");
            }
            steps[i] = (largest[i] - lowest[i]) / 255;
        }
        return new VectorQuantizer(kind, lowest.clone(), steps);
    }

    private static void requireLength(float[] vector, int length) {
        if (vector.length != length) {
            throw new IllegalArgumentException("a vector has " + vector.length + " numbers, expected " + length);
        }
    }

    /**
     * A vector as bytes: as many as it has numbers, or an eighth of that for bits, where what is left of the last byte is zero.
     *
     * @throws IllegalArgumentException if it has another length than the sample
     */
    public byte[] quantize(float[] vector) {
        return kind == Kind.BINARY || kind == Kind.UBINARY ? bits(vector) : numbers(vector);
    }

    private byte[] numbers(float[] vector) {
        requireLength(vector, steps.length);
        byte[] bytes = new byte[vector.length];
        for (int i = 0; i < vector.length; i++) {
            // Where the sample never differs, sentence-transformers takes steps of 1.
            float step = steps[i] == 0 ? 1 : steps[i];
            int place = (int) Math.max(0, Math.min(255, Math.floor((vector[i] - lowest[i]) / step)));
            bytes[i] = (byte) (kind == Kind.INT8 ? place - 128 : place);
        }
        return bytes;
    }

    private byte[] bits(float[] vector) {
        byte[] bytes = new byte[(vector.length + 7) / 8];
        for (int i = 0; i < vector.length; i++) {
            if (vector[i] > 0) {
                bytes[i / 8] |= (byte) (0x80 >> (i % 8));
            }
        }
        if (kind == Kind.BINARY) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (bytes[i] - 128);
            }
        }
        return bytes;
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private enum Kind {
        INT8,
        UINT8,
        BINARY,
        UBINARY
    }
}
