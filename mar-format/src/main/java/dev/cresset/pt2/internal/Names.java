package dev.cresset.pt2.internal;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.SymBoolArgument;
import dev.cresset.pt2.SymFloatArgument;
import dev.cresset.pt2.SymIntArgument;
import java.util.List;
import java.util.stream.Stream;

/** Which values of a graph an argument names, in order. */
final class Names {
    private Names() {}

    static List<String> in(Argument argument) {
        return named(argument).toList();
    }

    private static Stream<String> named(Argument argument) {
        if (argument instanceof Argument.AsTensor tensor) {
            return Stream.of(tensor.name());
        } else if (argument instanceof Argument.AsTensors tensors) {
            return tensors.value().stream().map(Argument.AsTensor::name);
        } else if (argument instanceof Argument.AsOptionalTensor one) {
            return named(one.value());
        } else if (argument instanceof Argument.AsOptionalTensors several) {
            return several.value().stream().flatMap(Names::named);
        } else if (argument instanceof Argument.AsNestedTensors nested) {
            return nested.value().stream().flatMap(List::stream).map(Argument.AsTensor::name);
        } else if (argument instanceof Argument.AsStringToArgument map) {
            return map.value().values().stream().flatMap(Names::named);
        } else if (argument instanceof Argument.AsCustomObj object) {
            return Stream.of(object.name());
        }
        return numbers(argument);
    }

    private static Stream<String> numbers(Argument argument) {
        if (argument instanceof Argument.AsSymInt one) {
            return integer(one.value());
        } else if (argument instanceof Argument.AsSymInts several) {
            return several.value().stream().flatMap(Names::integer);
        } else if (argument instanceof Argument.AsSymFloat one) {
            return number(one.value());
        } else if (argument instanceof Argument.AsSymFloats several) {
            return several.value().stream().flatMap(Names::number);
        } else if (argument instanceof Argument.AsSymBool one) {
            return truth(one.value());
        } else if (argument instanceof Argument.AsSymBools several) {
            return several.value().stream().flatMap(Names::truth);
        }
        return Stream.empty();
    }

    private static Stream<String> integer(SymIntArgument argument) {
        return argument instanceof SymIntArgument.AsName name ? Stream.of(name.value()) : Stream.empty();
    }

    private static Stream<String> number(SymFloatArgument argument) {
        return argument instanceof SymFloatArgument.AsName name ? Stream.of(name.value()) : Stream.empty();
    }

    private static Stream<String> truth(SymBoolArgument argument) {
        return argument instanceof SymBoolArgument.AsName name ? Stream.of(name.value()) : Stream.empty();
    }
}
