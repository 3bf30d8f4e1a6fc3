package dev.cresset.torch.exported;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.ScalarType;
import dev.cresset.pt2.SymInt;
import dev.cresset.pt2.TensorMeta;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which node of a graph makes which value, and what is known of it. Used by one thread. */
final class Definitions {

    private static final List<String> VIEWS = Stream.of(
                    "view",
                    "permute",
                    "expand",
                    "slice",
                    "select",
                    "squeeze",
                    "unsqueeze",
                    "alias",
                    "as_strided",
                    "diagonal",
                    "split",
                    "split_with_sizes",
                    "unbind",
                    "t",
                    "transpose",
                    "unfold",
                    "view_as_real",
                    "view_as_complex",
                    "detach",
                    "reshape",
                    "_unsafe_view",
                    "_to_copy",
                    "contiguous")
            .map(name -> "torch.ops.aten." + name + ".")
            .toList();

    /** What comes before a dropout in the layers of networks. */
    private static final Set<String> NEW = Set.of("""
            _adaptive_avg_pool2d _log_softmax _native_batch_norm_legit_no_training _scaled_dot_product_efficient_attention
            _scaled_dot_product_flash_attention _scaled_dot_product_flash_attention_for_cpu _softmax adaptive_avg_pool2d add addmm
            avg_pool2d baddbmm batch_norm bmm cat clamp clone conv1d conv2d conv3d convolution div elu embedding exp gather gelu
            group_norm hardsigmoid hardswish hardtanh index layer_norm leaky_relu linear log_softmax matmul max_pool2d
            max_pool2d_with_indices mean mish mm mul native_group_norm native_layer_norm neg pow relu rsqrt
            scaled_dot_product_attention sigmoid silu softmax sqrt stack sub sum tanh where""".strip().split("\\s+"));

    private static final Set<ScalarType> FRACTIONS =
            Set.of(ScalarType.FLOAT, ScalarType.DOUBLE, ScalarType.HALF, ScalarType.BFLOAT16);

    private final Graph graph;
    private final Map<String, Node> makers = new HashMap<>();
    private final Set<String> used = new HashSet<>();
    private boolean isFunctional = true;

    Definitions(Graph graph) {
        this.graph = graph;
        for (Node node : graph.nodes()) {
            node.outputs().forEach(output -> GraphLowering.name(output).ifPresent(name -> makers.put(name, node)));
            node.inputs().forEach(input -> use(input.arg()));
            isFunctional &= !changesItsInput(node);
        }
        graph.outputs().forEach(this::use);
    }

    /** How many nodes a graph has, with those of the graphs within it. */
    static long nodes(Graph graph) {
        return graph.nodes().stream()
                .mapToLong(node -> 1
                        + node.inputs().stream()
                                .mapToLong(input ->
                                        input.arg() instanceof Argument.AsGraph inner ? nodes(inner.graph()) : 0)
                                .sum())
                .sum();
    }

    private static boolean changesItsInput(Node node) {
        Optional<Target> target = Target.ofOperator(node.target());
        return target.isPresent()
                && (target.get().namespace().equals("higher_order")
                        || (target.get().name().endsWith("_")
                                && !target.get().name().endsWith("__")));
    }

    private void use(Argument argument) {
        GraphLowering.name(argument).ifPresent(used::add);
        if (argument instanceof Argument.AsTensors tensors) {
            tensors.value().forEach(tensor -> used.add(tensor.name()));
        } else if (argument instanceof Argument.AsOptionalTensors tensors) {
            tensors.value().forEach(this::use);
        } else if (argument instanceof Argument.AsNestedTensors lists) {
            lists.value().forEach(list -> list.forEach(tensor -> used.add(tensor.name())));
        }
    }

    /** Whether no value is written to after it was made, so that what was computed from it may as well be computed later. */
    boolean isFunctional() {
        return isFunctional;
    }

    /** Whether anybody takes one of the node's results from a place on. */
    boolean isUsedFrom(Node node, int place) {
        return node.outputs().stream()
                .skip(place)
                .flatMap(output -> GraphLowering.name(output).stream())
                .anyMatch(used::contains);
    }

    /** The node that made it, if that is a call of {@code aten.NAME}. */
    Optional<Node> maker(Argument argument, String name) {
        return maker(argument).filter(node -> isCall(node, name));
    }

    Optional<Node> maker(Argument argument) {
        return argument instanceof Argument.AsTensor tensor
                ? Optional.ofNullable(makers.get(tensor.name()))
                : Optional.empty();
    }

    static boolean isCall(Node node, String name) {
        return node.target().startsWith("torch.ops.aten." + name + ".");
    }

    /** Whether its elements are fractions. */
    boolean isFraction(Argument argument) {
        return meta(argument).filter(meta -> FRACTIONS.contains(meta.dtype())).isPresent();
    }

    /**
     * Whether its memory is the graph's own: what an operator that always takes new memory made, or a view of it. Of others it is not known
     * whether they give back what they were given, as a {@code type_as} of the same type does.
     */
    boolean isComputed(Argument argument) {
        Optional<Node> maker = maker(argument);
        while (maker.isPresent()
                && VIEWS.stream().anyMatch(maker.map(Node::target).get()::startsWith)) {
            maker = maker(argument(maker.get(), "self"));
        }
        return maker.flatMap(node -> Target.ofOperator(node.target()))
                .filter(target -> target.namespace().equals("aten") && NEW.contains(target.name()))
                .isPresent();
    }

    /** The node's argument of that name; None if it is not given. */
    static Argument argument(Node node, String name) {
        return node.inputs().stream()
                .filter(input -> input.name().equals(name))
                .map(NamedArgument::arg)
                .findFirst()
                .orElseGet(Argument.AsNone::new);
    }

    /** The first value that the node makes; None if it makes none. */
    static Argument output(Node node) {
        return node.outputs().isEmpty() ? new Argument.AsNone() : node.outputs().get(0);
    }

    static boolean isNone(Argument argument) {
        return argument instanceof Argument.AsNone;
    }

    static boolean isNumber(Argument argument, double number) {
        return number(argument).filter(found -> found == number).isPresent();
    }

    static Optional<Double> number(Argument argument) {
        if (argument instanceof Argument.AsInt whole) {
            return Optional.of((double) whole.value());
        }
        return argument instanceof Argument.AsFloat fraction ? Optional.of(fraction.value()) : Optional.empty();
    }

    static boolean areInts(Argument argument, Long... numbers) {
        return argument instanceof Argument.AsInts ints && ints.value().equals(List.of(numbers));
    }

    /** Empty where nothing is known. */
    Optional<List<SymInt>> sizes(Argument argument) {
        return meta(argument).map(TensorMeta::sizes);
    }

    Optional<TensorMeta> meta(Argument argument) {
        return argument instanceof Argument.AsTensor tensor
                ? Optional.ofNullable(graph.tensorValues().get(tensor.name()))
                : Optional.empty();
    }

    boolean hasRank(Argument argument, int rank) {
        return sizes(argument).filter(sizes -> sizes.size() == rank).isPresent();
    }
}
