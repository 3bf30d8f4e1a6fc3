package dev.cresset.torch.exported;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.TensorMeta;
import dev.cresset.torch.exported.Nodes.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Operators that export calls in a way of its own, or that TorchScript has under another name. */
final class SpecialOperators {

    /** Before the names of numbers about a tensor, which are plain numbers in TorchScript anyway. */
    private static final String SYMBOLIC = "sym_";

    private SpecialOperators() {}

    /** Whether it was one of them. */
    static boolean lower(GraphLowering graph, Target target, Node node) {
        if (!target.namespace().equals("aten")) {
            return false;
        }
        Nodes nodes = graph.nodes();
        switch (target.name()) {
            case "sym_size", "sym_stride", "sym_numel", "sym_storage_offset" ->
                graph.bind(
                        node,
                        List.of(nodes.matched(
                                "aten::" + target.name().substring(SYMBOLIC.length()),
                                typeOf(node),
                                graph.operands(node))));
            case "item", "_local_scalar_dense" -> item(graph, node);
            // Nothing but another name for the tensor, where no gradients are kept.
            case "detach", "detach_", "lift_fresh", "lift", "alias" ->
                graph.bind(node, List.of(graph.required(node, "self")));
            case "_assert_scalar" -> nodes.check(graph.required(node, "self"), message(node));
            case "_assert_async" ->
                nodes.check(
                        nodes.matched("aten::Bool", Type.BOOL, List.of(graph.required(node, "self"))), message(node));
            case "_functional_assert_scalar" -> {
                nodes.check(graph.required(node, "self"), message(node));
                graph.bind(node, List.of(Operand.none()));
            }
            case "_functional_assert_async" -> {
                nodes.check(
                        nodes.matched("aten::Bool", Type.BOOL, List.of(graph.required(node, "self"))), message(node));
                graph.bind(node, List.of(Operand.none()));
            }
            case "sym_constrain_range", "sym_constrain_range_for_size" -> range(graph, node);
            case "_functional_sym_constrain_range", "_functional_sym_constrain_range_for_size" -> {
                range(graph, node);
                graph.bind(node, List.of(Operand.none()));
            }
            case "_make_dep_token" -> graph.bind(node, List.of(Operand.none()));
            // Types and layouts follow from those of the inputs, which are checked before a call.
            case "_assert_tensor_metadata" -> {}
            case "full" -> full(graph, target, node);
            default -> {
                return UnmarkedAliases.lower(graph, target, node) || Decomposed.lower(graph, target, node);
            }
        }
        return true;
    }

    private static Type typeOf(Node node) {
        return GraphLowering.typeOfOutput(node);
    }

    private static void item(GraphLowering graph, Node node) {
        Type type = typeOf(node);
        String name = type.equals(Type.FLOAT) ? "aten::Float" : type.equals(Type.BOOL) ? "aten::Bool" : "aten::Int";
        graph.bind(node, List.of(graph.nodes().matched(name, type, List.of(graph.required(node, "self")))));
    }

    private static String message(Node node) {
        for (NamedArgument input : node.inputs()) {
            if (input.name().equals("assert_msg") && input.arg() instanceof Argument.AsString text) {
                return "the exported program's check failed: " + text.value();
            }
        }
        return "one of the exported program's checks failed";
    }

    private static void range(GraphLowering graph, Node node) {
        Operand size = graph.required(node, "size");
        boolean isSize = node.target().contains("for_size");
        Optional<Argument> min = argument(node, "min");
        Optional<Argument> max = argument(node, "max");
        long least = min.orElse(null) instanceof Argument.AsInt number ? number.value() : isSize ? 0 : Long.MIN_VALUE;
        long most = max.orElse(null) instanceof Argument.AsInt number ? number.value() : Long.MAX_VALUE;
        Nodes nodes = graph.nodes();
        if (least != Long.MIN_VALUE) {
            nodes.check(
                    nodes.matched("aten::ge", Type.BOOL, List.of(size, Operand.of(least))),
                    "a number that the program computes must be at least " + least);
        }
        if (most != Long.MAX_VALUE) {
            nodes.check(
                    nodes.matched("aten::le", Type.BOOL, List.of(size, Operand.of(most))),
                    "a number that the program computes must be at most " + most);
        }
    }

    private static Optional<Argument> argument(Node node, String name) {
        return node.inputs().stream()
                .filter(input -> input.name().equals(name))
                .map(NamedArgument::arg)
                .findFirst();
    }

    /** Its type follows from the number's, of which TorchScript has no truth values. */
    private static void full(GraphLowering graph, Target target, Node node) {
        Map<String, Operand> operands = new LinkedHashMap<>();
        node.inputs().forEach(input -> operands.put(input.name(), graph.operand(input.arg())));
        if (!operands.containsKey("dtype") && Definitions.output(node) instanceof Argument.AsTensor tensor) {
            TensorMeta meta = graph.graph().tensorValues().get(tensor.name());
            if (meta != null) {
                operands.put("dtype", Operand.of(ScalarTypes.number(meta.dtype())));
            }
        }
        List<Result> results = graph.results(node);
        graph.nodes().call(target.qualified(), target.overload(), operands, results);
    }
}
