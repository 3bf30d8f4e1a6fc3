package dev.cresset.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * The type that TorchScript declares for an argument or a result: {@code Tensor}, {@code Optional[Tensor]}, {@code
 * Dict[str, List[int]]}. The names are Python's, see "TorchScript Language Reference", section types.
 *
 * <p>A type is a name with the types in its brackets. Instances are immutable, safe for use by several threads.
 *
 * @param name the name before the brackets
 * @param arguments the types in the brackets, none for a plain type
 */
public record ValueType(String name, List<ValueType> arguments) {

    public ValueType {
        arguments = List.copyOf(arguments);
    }

    /** Reads a type as {@link #toString} writes it. */
    public static ValueType parse(String text) {
        Parser parser = new Parser(text);
        ValueType type = parser.type();
        if (parser.at != text.length()) {
            throw new IllegalArgumentException("'" + text + "' is not a type: it goes on after " + type);
        }
        return type;
    }

    /** Whether a method that declares this type takes this value. An int passes for a float, as in Python. */
    public boolean accepts(Value value) {
        return switch (name) {
            case "Tensor" -> value instanceof Tensor;
            case "int" -> value instanceof Value.IntValue;
            case "float" -> value instanceof Value.FloatValue || value instanceof Value.IntValue;
            case "bool" -> value instanceof Value.BoolValue;
            case "str" -> value instanceof Value.StringValue;
            case "NoneType" -> value.isNone();
            case "Optional" -> value.isNone() || arguments.get(0).accepts(value);
            case "List" ->
                value instanceof Value.ListValue list
                        && list.elements().stream().allMatch(arguments.get(0)::accepts);
            case "Tuple" -> value instanceof Value.TupleValue tuple && acceptsEach(tuple.elements());
            case "Dict" ->
                value instanceof Value.DictValue dict
                        && dict.entries().keySet().stream().allMatch(arguments.get(0)::accepts)
                        && dict.entries().values().stream().allMatch(arguments.get(1)::accepts);
            case "Union" -> arguments.stream().anyMatch(member -> member.accepts(value));
            // A number, anything: the engine has the last word.
            default -> true;
        };
    }

    private boolean acceptsEach(List<Value> elements) {
        if (elements.size() != arguments.size()) {
            return false;
        }
        for (int i = 0; i < elements.size(); i++) {
            if (!arguments.get(i).accepts(elements.get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return arguments.isEmpty()
                ? name
                : name + "["
                        + String.join(
                                ", ",
                                arguments.stream().map(ValueType::toString).toList()) + "]";
    }

    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        ValueType type() {
            int start = at;
            while (at < text.length() && "[],".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String name = text.substring(start, at).strip();
            List<ValueType> arguments = new ArrayList<>();
            if (at < text.length() && text.charAt(at) == '[') {
                do {
                    at++;
                    if (at < text.length() && text.charAt(at) == ']') {
                        break; // Tuple[], the empty one
                    }
                    arguments.add(type());
                } while (at < text.length() && text.charAt(at) == ',');
                if (at >= text.length()) {
                    throw new IllegalArgumentException("'" + text + "' is not a type: a bracket is not closed");
                }
                at++;
            }
            return new ValueType(name, arguments);
        }
    }
}
