package dev.cresset.internal.tuning;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A value taken apart: what stands at its ends, in order, and the form of all around.
 *
 * <p>A list of floats is one leaf, as a tensor is: {@code tolist()} makes the one of the other.
 *
 * @param form equal for values of the same structure and types; shapes are in it
 * @param values tensors, scalars, and lists of floats
 */
public record FlattenedValue(String form, List<Value> values) {

    static FlattenedValue of(Value value) {
        StringBuilder form = new StringBuilder();
        List<Value> leaves = new ArrayList<>();
        add(value, form, leaves);
        return new FlattenedValue(form.toString(), leaves);
    }

    private static void add(Value value, StringBuilder form, List<Value> leaves) {
        if (value instanceof Value.TupleValue tuple) {
            add("tuple", tuple.elements(), form, leaves);
        } else if (value instanceof Value.ListValue list && !isOfFloats(list)) {
            add("list", list.elements(), form, leaves);
        } else if (value instanceof Value.DictValue dict) {
            List<Value> elements = new ArrayList<>(dict.entries().keySet());
            elements.addAll(dict.entries().values());
            add("dict", elements, form, leaves);
        } else {
            form.append(kind(value));
            leaves.add(value);
        }
    }

    private static void add(String kind, List<Value> elements, StringBuilder form, List<Value> leaves) {
        form.append(kind).append('(');
        elements.forEach(element -> {
            add(element, form, leaves);
            form.append(' ');
        });
        form.append(')');
    }

    private static boolean isOfFloats(Value.ListValue list) {
        return !list.elements().isEmpty() && list.elements().stream().allMatch(Value.FloatValue.class::isInstance);
    }

    private static String kind(Value leaf) {
        if (leaf instanceof Tensor tensor) {
            return tensor.dataType() + Arrays.toString(tensor.shape());
        }
        return leaf instanceof Value.ListValue list
                ? "floats[" + list.elements().size() + "]"
                : leaf.getClass().getSimpleName();
    }
}
