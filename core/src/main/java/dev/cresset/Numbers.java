package dev.cresset;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Fractions of every width as doubles. */
final class Numbers {

    private Numbers() {}

    static double[] toDoubles(Tensor tensor) {
        return switch (tensor.dataType()) {
            case FLOAT64 -> tensor.toDoubleArray();
            case FLOAT32 -> {
                float[] floats = tensor.toFloatArray();
                double[] doubles = new double[floats.length];
                Arrays.setAll(doubles, i -> floats[i]);
                yield doubles;
            }
            case FLOAT16, BFLOAT16 -> {
                boolean brain = tensor.dataType() == DataType.BFLOAT16;
                short[] halves = tensor.toShortArray();
                double[] doubles = new double[halves.length];
                Arrays.setAll(doubles, i -> brain ? ofBrain(halves[i]) : ofHalf(halves[i]));
                yield doubles;
            }
            default -> throw new IllegalArgumentException(tensor + " holds no fractions");
        };
    }

    /** The upper half of a float. */
    private static double ofBrain(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. {@code Float.float16ToFloat} comes with JDK 20. */
    private static double ofHalf(short bits) {
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        double magnitude;
        if (exponent == 0x1f) {
            magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else if (exponent == 0) {
            magnitude = Math.scalb((double) fraction, -24);
        } else {
            magnitude = Math.scalb((double) (fraction | 0x400), exponent - 25);
        }
        return bits < 0 ? -magnitude : magnitude;
    }
}
