package dev.cresset.internal.requests;

import dev.cresset.InvalidInputException;
import dev.cresset.internal.batching.RowOutput;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's output as a handler sees it: for one item, and only until {@link #close}. Tensors of a batched model lose their
 * first dimension, which counts items.
 */
public final class LentOutput implements AutoCloseable {

    private final List<Tensor> lent = new ArrayList<>(4);
    private final RowOutput output;
    private final boolean batched;
    private final String model;
    private final Value value;

    LentOutput(RowOutput output, boolean batched, String model) {
        this.output = output;
        this.batched = batched;
        this.model = model;
        this.value = lend(output.value());
    }

    Value value() {
        return value;
    }

    private Value lend(Value part) {
        if (part instanceof Tensor tensor) {
            Tensor item = item(tensor);
            lent.add(item);
            return item;
        } else if (part instanceof Value.TupleValue tuple) {
            return new Value.TupleValue(lendAll(tuple.elements()));
        } else if (part instanceof Value.ListValue list) {
            return new Value.ListValue(lendAll(list.elements()));
        } else if (part instanceof Value.DictValue dict) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            dict.entries().forEach((key, element) -> entries.put(key, lend(element)));
            return new Value.DictValue(entries);
        }
        return part;
    }

    private List<Value> lendAll(List<Value> elements) {
        List<Value> items = new ArrayList<>(elements.size());
        for (Value element : elements) {
            items.add(lend(element));
        }
        return items;
    }

    private Tensor item(Tensor tensor) {
        long[] shape = tensor.shape();
        if (!batched) {
            return tensor.lend(shape);
        }
        if (shape.length == 0 || shape[0] != output.rows()) {
            throw new InvalidInputException(model + ": the model answered one item with a " + tensor
                    + ", expected a first dimension of 1; a handler whose model does not count items there overrides"
                    + " isBatched");
        }
        long[] itemShape = Arrays.copyOfRange(shape, 1, shape.length);
        return tensor.lendPart(output.row() * (tensor.elements() / shape[0]), itemShape);
    }

    @Override
    public void close() {
        for (int i = 0; i < lent.size(); i++) {
            lent.get(i).close();
        }
    }
}
