package dev.cresset.probe;

import dev.cresset.internal.tuning.Samples;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Arguments to try a method with of which nobody has given a sample: what is no tensor is made of its type, and tensors of what is
 * declared of them, or of what an exported program says. What has a default is left out.
 */
final class SyntheticArguments {

    private SyntheticArguments() {}

    /** Values that the caller closes; empty if nothing says what one of the tensors is like. */
    static Optional<List<Value>> of(Signature.Method method, List<TensorSpec> specs) {
        if (specs.isEmpty() && Samples.canBeMadeFor(method.parameters())) {
            return Optional.of(Samples.ofSignature(method.parameters()));
        }
        List<Value> arguments = new ArrayList<>();
        int wanted = Math.max(
                method.required(), Math.min(specs.size(), method.parameters().size()));
        for (int i = 0; i < wanted; i++) {
            ValueType type = method.parameters().get(i).type();
            Optional<Value> argument = i < specs.size() ? tensor(specs.get(i)) : value(type);
            if (argument.isEmpty()) {
                arguments.forEach(Value::close);
                return Optional.empty();
            }
            arguments.add(argument.get());
        }
        return Optional.of(arguments);
    }

    private static Optional<Value> tensor(TensorSpec spec) {
        return Samples.canBeMadeOf(List.of(spec))
                ? Optional.of(Samples.of(List.of(spec)).get(0))
                : Optional.empty();
    }

    private static Optional<Value> value(ValueType type) {
        return switch (type.name()) {
            case "int", "number" -> Optional.of(Value.of(1));
            case "float" -> Optional.of(Value.of(0.5));
            case "bool" -> Optional.of(Value.of(false));
            case "str" -> Optional.of(Value.of("text"));
            case "NoneType", "Optional" -> Optional.of(Value.none());
            case "Dict" -> Optional.of(Value.dict(Map.of()));
            case "List" -> value(type.arguments().get(0)).map(Value::list);
            case "Tuple" -> tuple(type.arguments());
            default -> Optional.empty();
        };
    }

    private static Optional<Value> tuple(List<ValueType> types) {
        List<Value> elements = new ArrayList<>();
        for (ValueType type : types) {
            Optional<Value> element = value(type);
            if (element.isEmpty()) {
                return Optional.empty();
            }
            elements.add(element.get());
        }
        return Optional.of(new Value.TupleValue(elements));
    }
}
