package dev.cresset.internal.calls;

import dev.cresset.InvalidInputException;
import dev.cresset.internal.Failures;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** What is checked before native code sees an argument, and what keeps its memory there while it does. */
public final class ArgumentChecks {

    /** No module's types come near it; a value for a parameter of type Any could. */
    private static final int DEEPEST = 100;

    private ArgumentChecks() {}

    public static Signature.Method method(String model, Signature signature, String name) {
        Signature.Method method = signature.methods().get(name);
        if (method == null) {
            throw new InvalidInputException(model + ": the model has no method '" + name + "'; it has "
                    + signature.methods().keySet());
        }
        return method;
    }

    public static void check(String model, Signature.Method method, List<TensorSpec> specs, List<Value> arguments) {
        List<Signature.Parameter> parameters = method.parameters();
        if (arguments.size() < method.required() || arguments.size() > parameters.size()) {
            String expected = method.required() == parameters.size()
                    ? Integer.toString(parameters.size())
                    : method.required() + " to " + parameters.size();
            throw new InvalidInputException(model + ": " + method + " takes " + expected + " argument"
                    + (expected.equals("1") ? "" : "s") + ", got " + arguments.size() + ": "
                    + Failures.describe(arguments));
        }
        for (int i = 0; i < arguments.size(); i++) {
            Signature.Parameter parameter = parameters.get(i);
            Value argument = arguments.get(i);
            if (!parameter.type().accepts(argument)) {
                throw new InvalidInputException(model + ": input '" + parameter.name() + "' of " + method.name()
                        + " is " + Failures.shortened(argument) + ", expected " + parameter.type());
            }
            if (i < specs.size()
                    && argument instanceof Tensor tensor
                    && !specs.get(i).matches(tensor)) {
                throw new InvalidInputException(model + ": input '" + parameter.name() + "' has shape "
                        + Arrays.toString(tensor.shape()) + " (" + tensor.dataType() + "), expected " + specs.get(i));
            }
        }
        ExportedSpecChecks.check(model, parameters, arguments);
    }

    /** Counts as a user of every tensor in the values, until {@link #release}. */
    public static List<Memory> acquire(List<? extends Value> values) {
        List<Memory> held = new ArrayList<>();
        try {
            values.forEach(value -> forEachTensor(value, 0, tensor -> held.add(tensor.acquire())));
        } catch (IllegalStateException | InvalidInputException e) {
            release(held);
            throw e;
        }
        return held;
    }

    public static void release(List<Memory> held) {
        held.forEach(Memory::release);
    }

    private static void forEachTensor(Value value, int depth, Consumer<Tensor> action) {
        if (depth > DEEPEST) {
            // An engine follows a value down on the native stack, whose end is the process's.
            throw new InvalidInputException(
                    "the arguments are nested deeper than " + DEEPEST + " lists, tuples and dicts");
        }
        if (value instanceof Tensor tensor) {
            action.accept(tensor);
        } else if (value instanceof Value.DictValue dict) {
            dict.entries().forEach((key, element) -> {
                forEachTensor(key, depth + 1, action);
                forEachTensor(element, depth + 1, action);
            });
        } else if (value instanceof Value.ListValue || value instanceof Value.TupleValue) {
            value.asList().forEach(element -> forEachTensor(element, depth + 1, action));
        }
    }
}
