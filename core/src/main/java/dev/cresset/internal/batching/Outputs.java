package dev.cresset.internal.batching;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;

/** What can be divided among the rows of a batch. */
final class Outputs {

    private Outputs() {}

    /** Whether every tensor in a value counts so many items in its first dimension, and there is one. */
    static boolean count(Value output, int rows) {
        if (output instanceof Tensor tensor) {
            long[] shape = tensor.shape();
            return shape.length > 0 && shape[0] == rows;
        } else if (output instanceof Value.DictValue dict) {
            return !dict.entries().isEmpty()
                    && dict.entries().values().stream().allMatch(element -> count(element, rows));
        } else if (output instanceof Value.ListValue || output instanceof Value.TupleValue) {
            return !output.asList().isEmpty() && output.asList().stream().allMatch(element -> count(element, rows));
        }
        return false;
    }
}
