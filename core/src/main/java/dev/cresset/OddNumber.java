package dev.cresset;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.nio.ShortBuffer;
import java.util.List;
import java.util.Random;

/** Numbers that samples do not hold and requests one day will; those that go wrong most often first, for time may run out. */
enum OddNumber {
    /** Lost where a maximum is taken the wrong way round. */
    NAN("NaN", 1, Double.NaN),
    /** A large number, which drowns its neighbours where sums are shared. */
    OUTLIER("an outlier", 1e6, 1e6),
    /** Turned into NaN where it meets itself. */
    INFINITY("infinity", 1, Double.POSITIVE_INFINITY),
    /** Near enough to the type's largest for sums of transformed inputs, far enough for those that the module itself makes. */
    LARGEST("a number near the type's largest", Float.MAX_VALUE / 1024, Double.MAX_VALUE),
    /** As infinity. */
    NEGATIVE_INFINITY("negative infinity", 1, Double.NEGATIVE_INFINITY),
    /** Negative zero, whose sign shows when something is divided by it, and a denormal number. */
    TINY("negative zero and a denormal number", 1, -0.0, 1e-40);

    private static final int PLACES = 3;

    /** A tensor of fewer has one odd number, so that it keeps some that are not. */
    private static final int FEW = 64;

    private final String words;
    private final double magnitude;
    private final double[] numbers;

    OddNumber(String words, double magnitude, double... numbers) {
        this.words = words;
        this.magnitude = magnitude;
        this.numbers = numbers;
    }

    /** Large but finite: what it reaches may be rounded by as much as it is large. */
    boolean isOutlier() {
        return this == OUTLIER || this == LARGEST;
    }

    /** How large it is among float32. */
    double magnitude() {
        return magnitude;
    }

    /** Writes it to a few places of each tensor of fractions, the same each time; false if there is none. */
    boolean sowInto(List<Tensor> tensors) {
        Random random = new Random(ordinal());
        boolean sown = false;
        for (Tensor tensor : tensors) {
            int elements = (int) Math.min(tensor.elements(), Integer.MAX_VALUE);
            if (elements == 0 || !Numbers.areIn(tensor)) {
                continue;
            }
            for (int place = 0; place < (elements < FEW ? 1 : PLACES); place++) {
                put(tensor, random.nextInt(elements), numbers[place % numbers.length]);
            }
            sown = true;
        }
        return sown;
    }

    private void put(Tensor tensor, int index, double number) {
        switch (tensor.dataType()) {
            case FLOAT64 -> tensor.asDoubleBuffer().put(index, this == LARGEST ? number / 1024 : number);
            case FLOAT32 -> tensor.asFloatBuffer().put(index, (float) inFloat(number));
            default -> putHalf(tensor.asShortBuffer(), tensor.dataType(), index, number);
        }
    }

    private double inFloat(double number) {
        return this == LARGEST ? magnitude : number;
    }

    private void putHalf(ShortBuffer bits, DataType type, int index, double number) {
        if (type == DataType.BFLOAT16) {
            bits.put(index, (short) (Float.floatToRawIntBits((float) inFloat(number)) >>> 16));
            return;
        }
        bits.put(index, (short)
                switch (this) {
                    case NAN -> 0x7e00;
                    case OUTLIER -> 0x6c00; // 4096
                    case INFINITY -> 0x7c00;
                    case LARGEST -> 0x7000; // 8192, an eighth of the largest
                    case NEGATIVE_INFINITY -> 0xfc00;
                    case TINY -> number == 0 ? 0x8000 : 0x0001;
                });
    }

    /** In words that follow "where an input holds". */
    @Override
    public String toString() {
        return words;
    }
}
