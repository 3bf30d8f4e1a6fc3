package dev.cresset.torch.portable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.BlockArrayRef;
import org.bytedeco.pytorch.ClassType;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.FunctionType;
import org.bytedeco.pytorch.Graph;
import org.bytedeco.pytorch.GraphFunction;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueOptional;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.JitNode;
import org.bytedeco.pytorch.Operator;
import org.bytedeco.pytorch.Symbol;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.ValueArrayRef;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.graph_node_list_iterator;
import org.jspecify.annotations.Nullable;

/**
 * Takes methods' graphs out of LibTorch, as far as {@link PortableEffects} looks at them: each once, for whatever is asked
 * of LibTorch is a native call. Calls are written out, and what the attributes' numbers, texts and Nones decide is decided:
 * branches that are for training alone are not there. Should such an attribute be assigned, the module changes itself, and
 * what is found besides does not matter. Used by one thread, within the scope of what it reads.
 */
final class PortableGraph {

    /** A value in a graph: what an input, a node or a block gives. */
    static final class Value {
        /** Whether it can be written to, or hold what can. */
        final boolean isMutable;

        final boolean isTensor;

        /** What it always is, if that is known: a number, a text, None, or a part of the module. */
        private @Nullable IValue known;

        /** Where it may point: for {@link PortableEffects} to fill. */
        final BitSet places = new BitSet();

        Value(boolean isMutable, boolean isTensor) {
            this.isMutable = isMutable;
            this.isTensor = isTensor;
        }

        boolean isAlways(boolean flag) {
            return known != null && known.isBool() && known.toBool() == flag;
        }
    }

    /**
     * @param kind its name with its namespace
     * @param operator what it runs, if LibTorch knows
     * @param inputs what it is given
     * @param outputs what it gives
     * @param blocks the branches of an if that may be taken, the body of a loop, what a call or a fork runs
     */
    record Node(
            String kind,
            @Nullable PortableOperator operator,
            List<Value> inputs,
            List<Value> outputs,
            List<Block> blocks) {}

    /** Nodes in their order, between what goes in and what comes out. */
    record Block(List<Value> inputs, List<Node> nodes, List<Value> outputs) {}

    private final Map<Long, PortableOperator> operators = new HashMap<>();
    private final Map<Integer, String> kinds = new HashMap<>();
    private final Symbol subgraph = Symbol.attr("Subgraph");

    /** How LibTorch prints a node that names what it takes: a result, its type, the name. */
    private static final Pattern NAMED =
            Pattern.compile("%(\\S+) : .* = prim::(?:GetAttr|CallMethod)\\[name=\"(.*?)\"\\]");

    /** What a method runs; its first input is the module. */
    Block read(JitModule module, String method) {
        Graph graph =
                torch.toGraphFunction(module.get_method(method).function()).optimized_graph();
        return new Frame().read(graph, List.of(Optional.of(new IValue(module._ivalue()))));
    }

    /** One run of a function: the same graph has values of its own wherever it is called. */
    private final class Frame {

        private final Map<Long, Value> values = new HashMap<>();

        /** By the result's name. From the printed graph, for what the presets give for a text in a node is freed already. */
        private final Map<String, String> names = new HashMap<>();

        Block read(Graph graph, List<Optional<IValue>> known) {
            String printed = graph.toString();
            int tasks = printed.indexOf("\nwith prim::");
            Matcher named = NAMED.matcher(tasks < 0 ? printed : printed.substring(0, tasks));
            while (named.find()) {
                names.put(named.group(1), named.group(2));
            }
            List<Value> inputs = values(graph.inputs());
            for (int i = 0; i < Math.min(inputs.size(), known.size()); i++) {
                inputs.get(i).known = known.get(i).orElse(null);
            }
            return read(graph.block());
        }

        private Block read(org.bytedeco.pytorch.Block block) {
            List<Value> inputs = values(block.inputs());
            List<Node> nodes = new ArrayList<>();
            graph_node_list_iterator at = block.nodes().begin();
            // By address, for the presets do not compare iterators. The end is the node that returns.
            long end = block.return_node().address();
            for (JitNode node = at.multiply();
                    node.address() != end;
                    node = at.increment().multiply()) {
                nodes.add(read(node));
            }
            return new Block(inputs, nodes, values(block.outputs()));
        }

        private Node read(JitNode node) {
            String kind = kind(node);
            List<Value> inputs = values(node.inputs());
            List<Value> outputs = values(node.outputs());
            Operator operator = node.maybeOperator();
            PortableOperator described = operator == null
                    ? null
                    : operators.computeIfAbsent(operator.address(), isNew -> PortableOperator.of(operator));
            Node read = new Node(kind, described, inputs, outputs, blocks(kind, node, inputs));
            learn(read, node);
            return read;
        }

        private List<Block> blocks(String kind, JitNode node, List<Value> inputs) {
            return switch (kind) {
                case "prim::fork" ->
                    node.hasAttribute(subgraph) ? List.of(called(node.g(subgraph), inputs)) : List.of();
                case "prim::CallMethod" -> calledMethod(node, inputs);
                case "prim::CallFunction" -> calledFunction(node, inputs);
                case "prim::If" -> branches(node.blocks(), inputs.get(0));
                default -> blocks(node.blocks());
            };
        }

        private List<Block> branches(BlockArrayRef blocks, Value condition) {
            if (condition.isAlways(true)) {
                return List.of(read(blocks.at(0)));
            }
            return condition.isAlways(false) ? List.of(read(blocks.at(1))) : blocks(blocks);
        }

        private List<Block> blocks(BlockArrayRef blocks) {
            List<Block> read = new ArrayList<>();
            for (long i = 0, count = blocks.size(); i < count; i++) {
                read.add(read(blocks.at(i)));
            }
            return read;
        }

        /** None, if what it calls is not known: through an interface, or of a C++ class. */
        private List<Block> calledMethod(JitNode node, List<Value> inputs) {
            Type owner = node.input(0).type().get();
            if (kind(owner) != torch.TypeKind.ClassType) {
                return List.of();
            }
            String name = nameIn(node);
            return name == null ? List.of() : called(new ClassType(owner).findMethod(name), inputs);
        }

        private List<Block> calledFunction(JitNode node, List<Value> inputs) {
            Type function = node.input(0).type().get();
            return kind(function) == torch.TypeKind.FunctionType
                    ? called(new FunctionType(function).function(), inputs.subList(1, inputs.size()))
                    : List.of();
        }

        private List<Block> called(@Nullable Function function, List<Value> arguments) {
            GraphFunction code = function == null ? null : torch.tryToGraphFunction(function);
            return code == null ? List.of() : List.of(called(code.optimized_graph(), arguments));
        }

        private Block called(Graph graph, List<Value> arguments) {
            return new Frame()
                    .read(
                            graph,
                            arguments.stream()
                                    .map(argument -> Optional.ofNullable(argument.known))
                                    .toList());
        }

        /** Finds out what the node's results always are. */
        private void learn(Node read, JitNode node) {
            List<Value> outputs = read.outputs();
            switch (read.kind()) {
                case "prim::Constant" -> outputs.get(0).known = outputs.get(0).isMutable ? null : constant(node);
                case "prim::GetAttr" ->
                    outputs.get(0).known = attribute(read.inputs().get(0).known, node);
                case "prim::unchecked_cast", "prim::unchecked_unwrap_optional" ->
                    outputs.get(0).known = read.inputs().get(0).known;
                case "prim::If" -> {
                    for (int i = 0; i < outputs.size() && read.blocks().size() == 1; i++) {
                        outputs.get(i).known = read.blocks().get(0).outputs().get(i).known;
                    }
                }
                default -> compute(read, node);
            }
        }

        private @Nullable IValue attribute(@Nullable IValue owner, JitNode node) {
            if (owner == null || !owner.isObject()) {
                return null;
            }
            String name = nameIn(node);
            if (name == null || !owner.toObjectRef().type().hasAttribute(name)) {
                return null;
            }
            IValue value = owner.toObjectRef().getAttr(name);
            boolean isPlain = value.isNone() || value.isBool() || value.isInt() || value.isDouble() || value.isString();
            return isPlain || value.isModule() ? value : null;
        }

        private @Nullable String nameIn(JitNode node) {
            return names.get(PortableText.read(node.output().debugName()));
        }

        private List<Value> values(ValueArrayRef values) {
            List<Value> read = new ArrayList<>();
            for (long i = 0, count = values.size(); i < count; i++) {
                org.bytedeco.pytorch.Value value = values.at(i);
                read.add(this.values.computeIfAbsent(value.address(), isNew -> describe(value)));
            }
            return read;
        }
    }

    private String kind(JitNode node) {
        Symbol symbol = node.kind();
        return kinds.computeIfAbsent(
                symbol.asInt(), isNew -> symbol.toQualString().getString());
    }

    private static Value describe(org.bytedeco.pytorch.Value value) {
        Type type = value.type().get();
        return new Value(isMutable(type) && !value.mustBeNone(), isTensor(type));
    }

    private static @Nullable IValue constant(JitNode node) {
        IValueOptional value = torch.toIValue(node.output());
        return value.has_value() ? value.get() : null; // a function has none
    }

    /** What is computed of known numbers and texts alone is known too. */
    private static void compute(Node read, JitNode node) {
        PortableOperator operator = read.operator();
        boolean isComputable = operator != null
                && !operator.writes()
                && read.blocks().isEmpty()
                && read.outputs().size() == 1
                && !read.outputs().get(0).isMutable
                && read.inputs().stream().allMatch(input -> input.known != null && !input.isMutable)
                && !node.hasSideEffects()
                && !node.isNondeterministic();
        if (!isComputable) {
            return;
        }
        IValueVector stack = new IValueVector();
        read.inputs().forEach(input -> stack.push_back(input.known));
        try {
            node.getOperation().apply(stack);
        } catch (RuntimeException e) {
            return; // and it will fail whenever it is run
        }
        if (stack.size() == 1) {
            read.outputs().get(0).known = stack.get(0);
        }
    }

    private static boolean isMutable(Type type) {
        return switch (kind(type)) {
            case IntType,
                    FloatType,
                    ComplexType,
                    BoolType,
                    NumberType,
                    StringType,
                    NoneType,
                    DeviceObjType,
                    StreamObjType,
                    LayoutType,
                    ScalarTypeType,
                    MemoryFormatType,
                    FunctionType -> false;
            case OptionalType -> isMutable(type.containedType(0).get());
            case TupleType -> {
                boolean any = false;
                long count = type.containedTypeSize();
                for (long i = 0; i < count && !any; i++) {
                    any = isMutable(type.containedType(i).get());
                }
                yield any;
            }
            default -> true;
        };
    }

    private static boolean isTensor(Type type) {
        return switch (kind(type)) {
            case TensorType -> true;
            case OptionalType -> isTensor(type.containedType(0).get());
            default -> false;
        };
    }

    private static torch.TypeKind kind(Type type) {
        return type.kind().intern();
    }
}
