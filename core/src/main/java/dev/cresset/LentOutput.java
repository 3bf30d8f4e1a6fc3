package dev.cresset;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's output as a handler sees it: for one item, and only until {@link #close}. Tensors of a batched model lose their
 * first dimension, which counts items and is one here.
 */
final class LentOutput implements AutoCloseable {

    private final List<Tensor> lent = new ArrayList<>(4);
    private final boolean batched;
    private final String model;
    private final Value value;

    LentOutput(Value output, boolean batched, String model) {
        this.batched = batched;
        this.model = model;
        this.value = lend(output);
    }

    Value value() {
        return value;
    }

    private Value lend(Value output) {
        if (output instanceof Tensor tensor) {
            Tensor item = tensor.lend(itemShape(tensor));
            lent.add(item);
            return item;
        } else if (output instanceof Value.TupleValue tuple) {
            return new Value.TupleValue(lendAll(tuple.elements()));
        } else if (output instanceof Value.ListValue list) {
            return new Value.ListValue(lendAll(list.elements()));
        } else if (output instanceof Value.DictValue dict) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            dict.entries().forEach((key, element) -> entries.put(key, lend(element)));
            return new Value.DictValue(entries);
        }
        return output;
    }

    private List<Value> lendAll(List<Value> elements) {
        List<Value> items = new ArrayList<>(elements.size());
        for (Value element : elements) {
            items.add(lend(element));
        }
        return items;
    }

    private long[] itemShape(Tensor tensor) {
        long[] shape = tensor.shape();
        if (!batched) {
            return shape;
        }
        if (shape.length == 0 || shape[0] != 1) {
            throw new InvalidInputException(model + ": the model answered one item with a " + tensor
                    + ", expected a first dimension of 1; a handler whose model does not count items there overrides"
                    + " isBatched");
        }
        return Arrays.copyOfRange(shape, 1, shape.length);
    }

    @Override
    public void close() {
        lent.forEach(Tensor::close);
    }
}
