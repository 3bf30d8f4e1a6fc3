package dev.cresset.internal.batching;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

    /** One row of what {@link #count counts}, as an answer to one item; lent as the whole is. */
    static Value item(Value output, int row) {
        if (output instanceof Tensor tensor) {
            long[] shape = tensor.shape();
            long size = tensor.elements() / shape[0];
            shape[0] = 1;
            return tensor.lendPart(row * size, shape);
        } else if (output instanceof Value.DictValue dict) {
            Map<Value, Value> items = new LinkedHashMap<>();
            dict.entries().forEach((key, element) -> items.put(key, item(element, row)));
            return new Value.DictValue(items);
        }
        List<Value> items =
                output.asList().stream().map(element -> item(element, row)).toList();
        return output instanceof Value.TupleValue ? new Value.TupleValue(items) : new Value.ListValue(items);
    }
}
