package dev.cresset.internal.tuning;

import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Random;

/** Numbers that samples do not hold and requests one day will; those that go wrong most often first, for time may run out. */
public enum SpecialValue {
    /** Lost where a maximum is taken the wrong way round. */
    NAN("NaN"),
    /** A large number, which drowns its neighbours where sums are shared. */
    OUTLIER("an outlier"),
    /** Turned into NaN where it meets itself. */
    INFINITY("infinity"),
    /** Near enough to the type's largest for sums of transformed inputs, far enough for those that a module makes itself. */
    LARGEST("a number near the type's largest"),
    /** As infinity. */
    NEGATIVE_INFINITY("negative infinity"),
    /** Negative zero, whose sign shows when something is divided by it, and a denormal number. */
    TINY("negative zero and a denormal number");

    private static final int PLACES = 3;

    /** A tensor of fewer has one special value, so that it keeps some that are not. */
    private static final int FEW = 64;

    private static final int FAR = 1024;

    private final String words;

    SpecialValue(String words) {
        this.words = words;
    }

    /** Large but finite: what it reaches may be rounded by as much as it is large. */
    boolean isOutlier() {
        return this == OUTLIER || this == LARGEST;
    }

    /** How large it is among float32. */
    double magnitude() {
        return Math.abs(number(0));
    }

    /** Writes it to a few places of each tensor of fractions, the same each time; false if there is none. */
    boolean sowInto(List<Tensor> tensors) {
        Random random = new Random(0);
        boolean sown = false;
        for (Tensor tensor : tensors) {
            int elements = (int) Math.min(tensor.elements(), Integer.MAX_VALUE);
            if (elements == 0 || !FloatingPoint.areIn(tensor)) {
                continue;
            }
            for (int place = 0; place < (elements < FEW ? 1 : PLACES); place++) {
                put(tensor, random.nextInt(elements), place);
            }
            sown = true;
        }
        return sown;
    }

    private void put(Tensor tensor, int index, int place) {
        switch (tensor.dataType()) {
            case FLOAT64 ->
                tensor.asDoubleBuffer().put(index, this == LARGEST ? Double.MAX_VALUE / FAR : number(place));
            case FLOAT32 -> tensor.asFloatBuffer().put(index, number(place));
            case BFLOAT16 -> tensor.asShortBuffer().put(index, (short) (Float.floatToRawIntBits(number(place)) >>> 16));
            default -> tensor.asShortBuffer().put(index, (short) half(place));
        }
    }

    private float number(int place) {
        return switch (this) {
            case NAN -> Float.NaN;
            case OUTLIER -> 1e6f;
            case INFINITY -> Float.POSITIVE_INFINITY;
            case LARGEST -> Float.MAX_VALUE / FAR;
            case NEGATIVE_INFINITY -> Float.NEGATIVE_INFINITY;
            case TINY -> place % 2 == 0 ? -0f : 1e-40f;
        };
    }

    /** The bits of a float16, which has no room for a million. */
    private int half(int place) {
        return switch (this) {
            case NAN -> 0x7e00;
            case OUTLIER -> 0x6c00; // 4096
            case INFINITY -> 0x7c00;
            case LARGEST -> 0x7000; // 8192, an eighth of the largest
            case NEGATIVE_INFINITY -> 0xfc00;
            case TINY -> place % 2 == 0 ? 0x8000 : 0x0001;
        };
    }

    /** In words that follow "where an input holds". */
    @Override
    public String toString() {
        return words;
    }
}
