package dev.cresset.torch.exported;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.Layout;
import dev.cresset.pt2.MemoryFormat;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.ScalarType;
import dev.cresset.pt2.SymBoolArgument;
import dev.cresset.pt2.SymFloatArgument;
import dev.cresset.pt2.SymIntArgument;
import dev.cresset.torch.exported.Nodes.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a graph's nodes into those of a block. What TorchScript has no word for is said in its words here; what is the same in both
 * is handed on, for the native side to find by its schema.
 *
 * <p>Used by one thread.
 */
final class GraphLowering {

    private final Nodes nodes;
    private final Graph graph;
    private final Definitions definitions;
    private final Optional<Autocast> autocast;
    private final Map<String, Operand> values = new HashMap<>();

    /**
     * One that writes a graph's nodes after others.
     *
     * @param autocast the region of another precision that the graph is in
     */
    GraphLowering(Nodes nodes, Graph graph, Optional<Autocast> autocast) {
        this.nodes = nodes;
        this.graph = graph;
        this.autocast = autocast;
        this.definitions = new Definitions(graph);
    }

    Optional<Autocast> autocast() {
        return autocast;
    }

    Nodes nodes() {
        return nodes;
    }

    Graph graph() {
        return graph;
    }

    Definitions definitions() {
        return definitions;
    }

    void define(String name, Operand operand) {
        if (values.putIfAbsent(name, operand) != null) {
            throw new UnsupportedProgram("its graph defines '" + name + "' twice");
        }
    }

    Operand value(String name) {
        Operand found = values.get(name);
        if (found == null) {
            throw new UnsupportedProgram("its graph uses '" + name + "', which nothing before defines");
        }
        return found;
    }

    void lowerNodes() {
        for (Node node : graph.nodes()) {
            lower(node);
        }
    }

    private void lower(Node node) {
        nodes.numbers().lowered();
        Optional<Target> target = Target.ofOperator(node.target());
        Optional<ScalarType> precision =
                target.flatMap(operator -> autocast.flatMap(region -> region.wanted(operator)));
        if (target.isEmpty()) {
            SymbolicOperators.lower(this, node);
        } else if (target.get().namespace().equals("higher_order")) {
            HigherOrder.lower(this, target.get().name(), node);
        } else if (target.get().namespace().equals("quantized_decomposed")) {
            QuantizedOperators.lower(this, target.get(), node);
        } else if (precision.isPresent()
                || !(Truths.lower(this, target.get(), node) || SpecialOperators.lower(this, target.get(), node))) {
            call(target.get(), node, precision);
        }
    }

    private void call(Target target, Node node, Optional<ScalarType> precision) {
        Map<String, Operand> operands = new LinkedHashMap<>();
        for (NamedArgument input : node.inputs()) {
            operands.put(
                    input.name(),
                    precision.map(type -> converted(input.arg(), type)).orElseGet(() -> operand(input.arg())));
        }
        nodes.call(target.qualified(), target.overload(), operands, results(node));
    }

    private Operand converted(Argument argument, ScalarType type) {
        if (argument instanceof Argument.AsTensors tensors) {
            return Operand.list(Type.TENSOR, tensors.value(), tensor -> converted(tensor, type));
        }
        Argument given = argument instanceof Argument.AsOptionalTensor optional ? optional.value() : argument;
        return definitions.meta(given).filter(Autocast::concerns).isPresent()
                ? nodes.call("aten::to", "dtype", "self", operand(given), "dtype", Operand.of(ScalarTypes.number(type)))
                : operand(argument);
    }

    List<Result> results(Node node) {
        List<Result> results = new ArrayList<>();
        for (Argument output : node.outputs()) {
            if (output instanceof Argument.AsTensors tensors) {
                List<Integer> numbers = new ArrayList<>();
                for (Argument.AsTensor tensor : tensors.value()) {
                    numbers.add(defined(tensor.name()));
                }
                results.add(new Result.Elements(numbers));
            } else {
                results.add(name(output)
                        .<Result>map(name -> new Result.One(defined(name)))
                        .orElseGet(Result.Unused::new));
            }
        }
        return results;
    }

    private int defined(String name) {
        int number = nodes.numbers().next();
        define(name, Operand.value(number));
        return number;
    }

    /** Gives the node's outputs to what computes them, one after the other. */
    void bind(Node node, List<Operand> results) {
        List<Optional<String>> names = new ArrayList<>();
        for (Argument output : node.outputs()) {
            if (output instanceof Argument.AsTensors tensors) {
                tensors.value().forEach(tensor -> names.add(Optional.of(tensor.name())));
            } else {
                names.add(name(output));
            }
        }
        if (names.size() > results.size()) {
            throw new UnsupportedProgram("its graph takes " + names.size() + " results of " + node.target()
                    + ", which has " + results.size());
        }
        for (int i = 0; i < names.size(); i++) {
            Operand result = results.get(i);
            names.get(i).ifPresent(name -> define(name, result));
        }
    }

    /** The value's name; empty for a constant, and for what nobody uses. */
    static Optional<String> name(Argument argument) {
        Optional<String> name = Optional.empty();
        if (argument instanceof Argument.AsTensor tensor) {
            name = Optional.of(tensor.name());
        } else if (argument instanceof Argument.AsSymInt number
                && number.value() instanceof SymIntArgument.AsName named) {
            name = Optional.of(named.value());
        } else if (argument instanceof Argument.AsSymFloat number
                && number.value() instanceof SymFloatArgument.AsName named) {
            name = Optional.of(named.value());
        } else if (argument instanceof Argument.AsSymBool flag
                && flag.value() instanceof SymBoolArgument.AsName named) {
            name = Optional.of(named.value());
        } else if (argument instanceof Argument.AsOptionalTensor tensor) {
            name = name(tensor.value());
        }
        return name.filter(text -> !text.isEmpty());
    }

    /** The node's argument of that name, if it is given. */
    Optional<Operand> argument(Node node, String name) {
        return node.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .map(input -> operand(input.arg()));
    }

    Operand required(Node node, String name) {
        return argument(node, name)
                .orElseThrow(() ->
                        new UnsupportedProgram("it calls " + node.target() + " without its argument '" + name + "'"));
    }

    List<Operand> operands(Node node) {
        return node.inputs().stream().map(input -> operand(input.arg())).toList();
    }

    Operand operand(Argument argument) {
        if (argument instanceof Argument.AsTensor tensor) {
            return value(tensor.name());
        } else if (argument instanceof Argument.AsTensors tensors) {
            return Operand.list(Type.TENSOR, tensors.value(), this::operand);
        } else if (argument instanceof Argument.AsNone) {
            return Operand.none();
        } else if (argument instanceof Argument.AsOptionalTensor tensor) {
            return operand(tensor.value());
        } else if (argument instanceof Argument.AsOptionalTensors tensors) {
            return Operand.list(Type.optional(Type.TENSOR), tensors.value(), this::operand);
        } else if (argument instanceof Argument.AsNestedTensors lists) {
            return Operand.list(
                    Type.list(Type.TENSOR),
                    lists.value(),
                    list -> Operand.list(Type.TENSOR, list, tensor -> value(tensor.name())));
        } else if (argument instanceof Argument.AsString text) {
            return Operand.of(text.value());
        } else if (argument instanceof Argument.AsStrings texts) {
            return Operand.list(Type.STRING, texts.value(), Operand::of);
        } else if (argument instanceof Argument.AsScalarType type) {
            return Operand.of(ScalarTypes.number(type.value()));
        } else if (argument instanceof Argument.AsMemoryFormat format) {
            return Operand.of(number(format.value()));
        } else if (argument instanceof Argument.AsLayout layout) {
            return Operand.of(number(layout.value()));
        } else if (argument instanceof Argument.AsDevice) {
            return Operand.cpu();
        }
        return number(argument);
    }

    private Operand number(Argument argument) {
        if (argument instanceof Argument.AsInt number) {
            return Operand.of(number.value());
        } else if (argument instanceof Argument.AsInts numbers) {
            return Operand.list(Type.INT, numbers.value(), Operand::of);
        } else if (argument instanceof Argument.AsIntLists lists) {
            return Operand.list(Type.list(Type.INT), lists.value(), list -> Operand.list(Type.INT, list, Operand::of));
        } else if (argument instanceof Argument.AsFloat number) {
            return Operand.of(number.value());
        } else if (argument instanceof Argument.AsFloats numbers) {
            return Operand.list(Type.FLOAT, numbers.value(), Operand::of);
        } else if (argument instanceof Argument.AsFloatLists lists) {
            return Operand.list(
                    Type.list(Type.FLOAT), lists.value(), list -> Operand.list(Type.FLOAT, list, Operand::of));
        } else if (argument instanceof Argument.AsComplex number) {
            return Operand.complex(number.real(), number.imag());
        } else if (argument instanceof Argument.AsBool flag) {
            return Operand.of(flag.value());
        } else if (argument instanceof Argument.AsBools flags) {
            return Operand.list(Type.BOOL, flags.value(), Operand::of);
        } else if (argument instanceof Argument.AsSymInt number) {
            return operand(number.value());
        } else if (argument instanceof Argument.AsSymInts numbers) {
            return Operand.list(Type.INT, numbers.value(), this::operand);
        } else if (argument instanceof Argument.AsSymFloat number) {
            return operand(number.value());
        } else if (argument instanceof Argument.AsSymFloats numbers) {
            return Operand.list(Type.FLOAT, numbers.value(), this::operand);
        } else if (argument instanceof Argument.AsSymBool flag) {
            return operand(flag.value());
        } else if (argument instanceof Argument.AsSymBools flags) {
            return Operand.list(Type.BOOL, flags.value(), this::operand);
        }
        throw new UnsupportedProgram("it gives an operator " + described(argument));
    }

    private static String described(Argument argument) {
        if (argument instanceof Argument.AsCustomObj object) {
            return "an object of the class " + object.classFqn() + ", which only Python can make";
        } else if (argument instanceof Argument.AsOperator operator) {
            return "the operator '" + operator.value() + "' to call";
        }
        return "what no operator of LibTorch takes (" + argument.getClass().getSimpleName() + ")";
    }

    private Operand operand(SymIntArgument number) {
        return number instanceof SymIntArgument.AsName name
                ? value(name.value())
                : Operand.of(((SymIntArgument.AsInt) number).value());
    }

    private Operand operand(SymFloatArgument number) {
        return number instanceof SymFloatArgument.AsName name
                ? value(name.value())
                : Operand.of(((SymFloatArgument.AsFloat) number).value());
    }

    private Operand operand(SymBoolArgument flag) {
        return flag instanceof SymBoolArgument.AsName name
                ? value(name.value())
                : Operand.of(((SymBoolArgument.AsBool) flag).value());
    }

    /** By the numbers of {@code c10/core/MemoryFormat.h}. */
    private static long number(MemoryFormat format) {
        return switch (format) {
            case CONTIGUOUS_FORMAT -> 0;
            case PRESERVE_FORMAT -> 1;
            case CHANNELS_LAST -> 2;
            case CHANNELS_LAST_3D -> 3;
            case UNKNOWN -> throw new UnsupportedProgram("it has a tensor of an unknown memory format");
        };
    }

    private static long number(Layout layout) {
        if (layout != Layout.STRIDED) {
            throw new UnsupportedProgram("it has a tensor of the layout " + layout + ", expected " + Layout.STRIDED);
        }
        return 0;
    }

    /** What the kind of a node's only output says of its type. */
    static Type typeOfOutput(Node node) {
        Argument output = Definitions.output(node);
        return output instanceof Argument.AsSymFloat
                ? Type.FLOAT
                : output instanceof Argument.AsSymBool ? Type.BOOL : Type.INT;
    }
}
