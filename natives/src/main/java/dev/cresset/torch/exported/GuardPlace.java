package dev.cresset.torch.exported;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where among the arguments of a call a value is that a guard speaks of.
 *
 * @param parameter the number of the argument
 * @param keys what leads further in: names within dicts, numbers within lists and tuples
 */
record GuardPlace(int parameter, List<Object> keys) {

    /** Empty where no parameter is called so. */
    static Optional<GuardPlace> of(List<Object> path, List<String> parameters) {
        if (path.isEmpty()) {
            return Optional.empty();
        }
        List<Object> names = new ArrayList<>(List.of(path.get(0)));
        if (path.size() > 1) {
            names.add(path.get(0) + "_" + path.get(1)); // of *args
            names.add(path.get(1)); // of **kwargs
        }
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i) instanceof String name && parameters.contains(name)) {
                return Optional.of(new GuardPlace(
                        parameters.indexOf(name), List.copyOf(path.subList(i == 0 ? 1 : 2, path.size()))));
            }
        }
        return Optional.empty();
    }

    /** A size of the tensor that is there. */
    Number size(List<Value> arguments, int dimension) {
        if (value(arguments) instanceof Tensor tensor) {
            return tensor.shape()[dimension];
        }
        throw new IllegalArgumentException("no tensor");
    }

    /** The number that is there. */
    Number number(List<Value> arguments) {
        Value value = value(arguments);
        if (value instanceof Value.IntValue whole) {
            return whole.value();
        } else if (value instanceof Value.FloatValue fraction) {
            return fraction.value();
        } else if (value instanceof Value.BoolValue flag) {
            return flag.value() ? 1L : 0L;
        }
        throw new IllegalArgumentException("no number");
    }

    /** Those that were left out are not there, and are constants. */
    private Value value(List<Value> arguments) {
        Value value = arguments.get(parameter);
        for (Object key : keys) {
            Value inner = null;
            if (key instanceof Integer index && !(value instanceof Value.DictValue)) {
                inner = value.asList().get(index);
            } else if (key instanceof String name && value instanceof Value.DictValue dict) {
                inner = dict.entries().get(Value.of(name));
            }
            if (inner == null) {
                throw new IllegalArgumentException("nothing there");
            }
            value = inner;
        }
        return value;
    }
}
