package dev.cresset.spark;

import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One tensor of a row on the heap: an array of primitives that fits its type. */
final class TensorPart {

    /** @param array {@code float[]}, {@code double[]}, {@code long[]}, {@code int[]}, {@code short[]} or {@code byte[]} */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Of(DataType type, long[] shape, Object array) {

        /** Hot path for float32. */
        void writeTo(Inputs inputs) {
            Tensor tensor = inputs.tensor(type, shape);
            if (array instanceof float[] floats) {
                tensor.copyFrom(floats);
            } else if (array instanceof double[] doubles) {
                tensor.asDoubleBuffer().put(doubles);
            } else if (array instanceof long[] longs) {
                tensor.asLongBuffer().put(longs);
            } else if (array instanceof int[] ints) {
                tensor.asIntBuffer().put(ints);
            } else if (array instanceof short[] shorts) {
                tensor.asShortBuffer().put(shorts);
            } else {
                tensor.asByteBuffer().put((byte[]) array);
            }
        }
    }

    private TensorPart() {}

    /** Of the same type and shape, side by side, with a first dimension that counts them. */
    static <T> Of stacked(List<T> rows, Function<T, Of> part) {
        Of first = part.apply(rows.get(0));
        int length = java.lang.reflect.Array.getLength(first.array());
        Object all = zeros(first.type(), rows.size() * length);
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(part.apply(rows.get(i)).array(), 0, all, i * length, length);
        }
        long[] shape = new long[first.shape().length + 1];
        shape[0] = rows.size();
        System.arraycopy(first.shape(), 0, shape, 1, shape.length - 1);
        return new Of(first.type(), shape, all);
    }

    static Object zeros(DataType type, int length) {
        return switch (type) {
            case FLOAT32 -> new float[length];
            case FLOAT64 -> new double[length];
            case INT64 -> new long[length];
            case INT32 -> new int[length];
            case INT16 -> new short[length];
            case INT8, UINT8, BOOL -> new byte[length];
            default -> throw new IllegalArgumentException("no column becomes " + type);
        };
    }

    static void set(Object array, int index, @Nullable Object value, String column) {
        if (value == null) {
            throw new InvalidInputException("column '" + column + "' has a null in it, at element " + index);
        }
        Number number = value instanceof Boolean truth ? (Number) (truth ? 1 : 0) : (Number) value;
        if (array instanceof float[] floats) {
            floats[index] = number.floatValue();
        } else if (array instanceof double[] doubles) {
            doubles[index] = number.doubleValue();
        } else if (array instanceof long[] longs) {
            longs[index] = number.longValue();
        } else if (array instanceof int[] ints) {
            ints[index] = (int) within(number, Integer.MIN_VALUE, Integer.MAX_VALUE, column);
        } else if (array instanceof short[] shorts) {
            shorts[index] = (short) within(number, Short.MIN_VALUE, Short.MAX_VALUE, column);
        } else {
            ((byte[]) array)[index] = (byte) within(number, Byte.MIN_VALUE, 255, column);
        }
    }

    private static long within(Number number, long least, long most, String column) {
        long value = number.longValue();
        if (value < least || value > most) {
            throw new InvalidInputException(
                    "column '" + column + "' has " + number + ", which its tensor's type has no room for");
        }
        return value;
    }
}
