package dev.cresset.internal.tuning;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Arrays;

/** Fractions of every width as doubles: a tensor's, a float, a list's. */
public final class FloatingPoint {

    private FloatingPoint() {}

    /** What type of fractions a leaf holds. A float is mostly computed from float32 tensors, and as exact as these. */
    static DataType typeOf(Value leaf) {
        return leaf instanceof Tensor tensor ? tensor.dataType() : DataType.FLOAT32;
    }

    /** Whether a leaf of {@link FlattenedValue} holds fractions. */
    static boolean areIn(Value leaf) {
        if (leaf instanceof Tensor tensor) {
            return switch (tensor.dataType()) {
                case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> true;
                default -> false;
            };
        }
        return leaf instanceof Value.FloatValue || leaf instanceof Value.ListValue;
    }

    static double[] toDoubles(Value leaf) {
        if (leaf instanceof Value.ListValue list) {
            return list.elements().stream().mapToDouble(Value::asDouble).toArray();
        }
        if (leaf instanceof Value.FloatValue number) {
            return new double[] {number.value()};
        }
        Tensor tensor = leaf.asTensor();
        if (tensor.dataType() == DataType.FLOAT64) {
            return tensor.toDoubleArray();
        }
        float[] floats = tensor.toFloatArray();
        double[] doubles = new double[floats.length];
        Arrays.setAll(doubles, i -> floats[i]);
        return doubles;
    }

    /** Equal, both NaN, or the same infinity. */
    static boolean same(double one, double other) {
        return one == other || (Double.isNaN(one) && Double.isNaN(other));
    }

    /** The largest magnitude among the finite ones. */
    static double largest(double[] numbers) {
        double largest = 0;
        for (double number : numbers) {
            largest = Double.isFinite(number) ? Math.max(largest, Math.abs(number)) : largest;
        }
        return largest;
    }
}
