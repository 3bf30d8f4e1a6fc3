package dev.cresset.internal.json;

import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** A tensor as Python's {@code tolist} gives it: nested lists, or a number where it has no dimensions. */
public final class NestedLists {

    private NestedLists() {}

    public static Object of(Tensor tensor) {
        return nest(tensor.shape(), 0, new int[1], elements(tensor));
    }

    private static Object nest(long[] shape, int depth, int[] next, IntFunction<Object> elements) {
        if (depth == shape.length) {
            return elements.apply(next[0]++);
        }
        List<Object> list = new ArrayList<>();
        for (long i = 0; i < shape[depth]; i++) {
            list.add(nest(shape, depth + 1, next, elements));
        }
        return list;
    }

    private static IntFunction<Object> elements(Tensor tensor) {
        return switch (tensor.dataType()) {
            case FLOAT32, FLOAT16, BFLOAT16 -> {
                float[] data = tensor.toFloatArray();
                yield i -> data[i];
            }
            case FLOAT64 -> {
                double[] data = tensor.toDoubleArray();
                yield i -> data[i];
            }
            case INT8 -> {
                byte[] data = tensor.toByteArray();
                yield i -> (int) data[i];
            }
            case UINT8 -> {
                byte[] data = tensor.toByteArray();
                yield i -> data[i] & 0xff;
            }
            case INT16 -> {
                short[] data = tensor.toShortArray();
                yield i -> (int) data[i];
            }
            case INT32 -> {
                int[] data = tensor.toIntArray();
                yield i -> data[i];
            }
            case INT64 -> {
                long[] data = tensor.toLongArray();
                yield i -> data[i];
            }
            case BOOL -> {
                boolean[] data = tensor.toBooleanArray();
                yield i -> data[i];
            }
        };
    }
}
