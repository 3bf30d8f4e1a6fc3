package dev.cresset.torch.exported;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.ScalarType;
import dev.cresset.torch.exported.Nodes.Branch;
import dev.cresset.torch.exported.Nodes.Round;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Operators that run graphs: branches, loops, and regions that run as they are. */
final class HigherOrder {

    private HigherOrder() {}

    static void lower(GraphLowering graph, String name, Node node) {
        switch (name) {
            case "cond" -> branch(graph, node);
            case "while_loop" -> loop(graph, node);
            case "scan" -> scan(graph, node);
            case "map_impl" -> map(graph, node);
            // There are no gradients here, whether they are wanted or not.
            case "wrap_with_set_grad_enabled" -> inline(graph, node, 1);
            case "wrap_with_autocast" -> autocast(graph, node);
            case "with_effects" -> inOrder(graph, node);
            // What comes after the graph is its name, by which Python finds it compiled.
            case "invoke_subgraph" -> inline(graph, node, 0, operandsFrom(graph, node, 2));
            case "tag_activation_checkpoint", "strict_mode", "hints_wrapper" -> inline(graph, node, 0);
            default ->
                throw new UnsupportedProgram("it calls the higher-order operator '" + name
                        + "', which Cresset does not run; export without it, or try run_decompositions()");
        }
    }

    private static Argument argument(Node node, int place) {
        if (place >= node.inputs().size()) {
            throw new UnsupportedProgram(
                    "it calls " + node.target() + " with " + node.inputs().size() + " arguments");
        }
        return node.inputs().get(place).arg();
    }

    private static Graph graphOf(Node node, int place) {
        if (argument(node, place) instanceof Argument.AsGraph found) {
            return found.graph();
        }
        throw new UnsupportedProgram("it calls " + node.target() + " without a graph as its argument " + place);
    }

    /** What is given from a place on, lists taken apart. What has a name says how to compile, not what. */
    private static List<Operand> operandsFrom(GraphLowering graph, Node node, int place) {
        List<Operand> operands = new ArrayList<>();
        for (int i = place; i < node.inputs().size(); i++) {
            if (node.inputs().get(i).name().isEmpty()) {
                operands.addAll(operands(graph, argument(node, i)));
            }
        }
        return operands;
    }

    private static List<Operand> operands(GraphLowering graph, Argument argument) {
        if (argument instanceof Argument.AsNone) {
            return List.of();
        }
        if (argument instanceof Argument.AsStringToArgument named) {
            return named.value().values().stream()
                    .flatMap(one -> operands(graph, one).stream())
                    .toList();
        }
        Operand operand = graph.operand(argument);
        return operand instanceof Operand.OfList list ? list.elements() : List.of(operand);
    }

    /** The nodes of a graph, put in the place where it is run; what comes out of it. */
    private static List<Operand> inlined(
            Nodes nodes, Graph inner, List<Operand> operands, Optional<Autocast> autocast) {
        if (inner.inputs().size() != operands.size()) {
            throw new UnsupportedProgram("one of its inner graphs takes "
                    + inner.inputs().size() + " inputs, and is given " + operands.size());
        }
        GraphLowering lowering = new GraphLowering(nodes, inner, autocast);
        for (int i = 0; i < operands.size(); i++) {
            Operand operand = operands.get(i);
            GraphLowering.name(inner.inputs().get(i)).ifPresent(name -> lowering.define(name, operand));
        }
        lowering.lowerNodes();
        List<Operand> results = new ArrayList<>();
        for (Argument output : inner.outputs()) {
            Operand operand = lowering.operand(output);
            if (operand instanceof Operand.OfList list) {
                results.addAll(list.elements());
            } else {
                results.add(operand);
            }
        }
        return results;
    }

    private static void inline(GraphLowering graph, Node node, int graphAt) {
        inline(graph, node, graphAt, operandsFrom(graph, node, graphAt + 1));
    }

    private static void inline(GraphLowering graph, Node node, int graphAt, List<Operand> operands) {
        graph.bind(node, inlined(graph.nodes(), graphOf(node, graphAt), operands, graph.autocast()));
    }

    private static void inline(GraphLowering graph, Node node, int graphAt, Optional<Autocast> autocast) {
        graph.bind(
                node, inlined(graph.nodes(), graphOf(node, graphAt), operandsFrom(graph, node, graphAt + 1), autocast));
    }

    private static void autocast(GraphLowering graph, Node node) {
        String device = argument(node, 0) instanceof Argument.AsString name ? name.value() : "cpu";
        boolean isOff = argument(node, 2) instanceof Argument.AsBool enabled && !enabled.value();
        ScalarType lower = argument(node, 1) instanceof Argument.AsScalarType type ? type.value() : ScalarType.BFLOAT16;
        if (device.equals("cpu")) {
            inline(graph, node, 4, isOff ? Optional.empty() : Optional.of(new Autocast(lower)));
        } else if (isOff || !isOn(device, graphOf(node, 4))) {
            inline(graph, node, 4);
        } else {
            throw new UnsupportedProgram("it was exported on a device of the kind '" + device
                    + "', with a region of torch.autocast for it, which has rules of its own; run_decompositions() writes"
                    + " them out, or export the module on the CPU");
        }
    }

    private static boolean isOn(String device, Graph graph) {
        return graph.tensorValues().values().stream()
                .anyMatch(tensor -> tensor.device().type().equals(device));
    }

    /** A call that has its place among others, which a token that goes from one to the next keeps. Nodes are in their order here. */
    private static void inOrder(GraphLowering graph, Node node) {
        String operator = argument(node, 1) instanceof Argument.AsOperator named ? named.value() : "";
        if (!operator.startsWith("torch.ops.aten._linalg_check_errors.")) {
            throw new UnsupportedProgram(
                    "it calls '" + operator
                            + "' for what that does besides answering (with_effects), which Cresset does not run; export without it");
        }
        Nodes nodes = graph.nodes();
        Operand failed = nodes.matched("aten::any", Type.TENSOR, List.of(graph.operand(argument(node, 2))));
        Operand isAny = nodes.matched("aten::Bool", Type.BOOL, List.of(failed));
        nodes.check(
                nodes.matched("aten::__not__", Type.BOOL, List.of(isAny)),
                "a matrix is singular, or not of the kind that its operator needs"
                        + (argument(node, 3) instanceof Argument.AsString name ? ": " + name.value() : ""));
        graph.bind(node, List.of(Operand.none(), Operand.none()));
    }

    private static void branch(GraphLowering graph, Node node) {
        Nodes nodes = graph.nodes();
        Operand condition = graph.operand(argument(node, 0));
        List<Operand> operands = operandsFrom(graph, node, 3);
        List<Branch> branches = new ArrayList<>();
        for (int i = 1; i <= 2; i++) {
            Nodes inner = nodes.inner();
            branches.add(new Branch(inner, inlined(inner, graphOf(node, i), operands, graph.autocast())));
        }
        graph.bind(node, nodes.branch(condition, branches.get(0), branches.get(1)));
    }

    private static void loop(GraphLowering graph, Node node) {
        Nodes nodes = graph.nodes();
        List<Operand> carried = operands(graph, argument(node, 2));
        List<Operand> others = operandsFrom(graph, node, 3);
        Graph condition = graphOf(node, 0);
        Operand first = truth(node, inlined(nodes, condition, joined(carried, others), graph.autocast()));
        Round round = nodes.round(carried.size());
        Nodes body = nodes.inner();
        List<Operand> results = inlined(body, graphOf(node, 1), joined(round.carried(), others), graph.autocast());
        requireAsMany(node, results, carried.size());
        Operand goesOn = truth(node, inlined(body, condition, joined(results, others), graph.autocast()));
        graph.bind(node, nodes.loop(first, carried, round, new Branch(body, results), goesOn));
    }

    /** What the graph of a condition answers. */
    private static Operand truth(Node node, List<Operand> results) {
        requireAsMany(node, results, 1);
        return results.get(0);
    }

    private static void requireAsMany(Node node, List<Operand> results, int wanted) {
        if (results.size() != wanted) {
            throw new UnsupportedProgram("it calls " + node.target() + " with a graph of " + results.size()
                    + " outputs, where there must be " + wanted);
        }
    }

    /** From row to row of the tensors given, with what is carried along; the rows that come out are stacked. */
    private static void scan(GraphLowering graph, Node node) {
        List<Operand> carried = operands(graph, argument(node, 1));
        List<Operand> rows = operands(graph, argument(node, 2));
        overRows(graph, node, carried, rows, operandsFrom(graph, node, 3));
    }

    private static void map(GraphLowering graph, Node node) {
        overRows(graph, node, List.of(), operands(graph, argument(node, 1)), operandsFrom(graph, node, 2));
    }

    private static void overRows(
            GraphLowering graph, Node node, List<Operand> carried, List<Operand> tensors, List<Operand> others) {
        if (tensors.isEmpty()) {
            throw new UnsupportedProgram("it calls " + node.target() + " with no tensor to go through");
        }
        Graph inner = graphOf(node, 0);
        Nodes nodes = graph.nodes();
        Operand count = nodes.matched("aten::size", Type.INT, List.of(tensors.get(0), Operand.of(0)));
        int outputs = inner.outputs().stream()
                .mapToInt(output ->
                        output instanceof Argument.AsTensors all ? all.value().size() : 1)
                .sum();
        List<Operand> stacks = Collections.nCopies(Math.max(0, outputs - carried.size()), 0).stream()
                .map(none -> nodes.list(Type.TENSOR, List.of()))
                .toList();
        Operand first = nodes.matched("aten::gt", Type.BOOL, List.of(count, Operand.of(0)));
        Round round = nodes.round(carried.size());
        Nodes body = nodes.inner();
        List<Operand> row = tensors.stream()
                .map(tensor ->
                        body.call("aten::select", "int", "self", tensor, "dim", Operand.of(0), "index", round.number()))
                .toList();
        List<Operand> results = inlined(body, inner, joined(joined(round.carried(), row), others), graph.autocast());
        requireAsMany(node, results, carried.size() + stacks.size());
        for (int i = 0; i < stacks.size(); i++) {
            body.matched(
                    "aten::append", Type.list(Type.TENSOR), List.of(stacks.get(i), results.get(carried.size() + i)));
        }
        Operand next = body.matched("aten::add", Type.INT, List.of(round.number(), Operand.of(1)));
        Operand goesOn = body.matched("aten::lt", Type.BOOL, List.of(next, count));
        List<Operand> last =
                nodes.loop(first, carried, round, new Branch(body, results.subList(0, carried.size())), goesOn);
        List<Operand> stacked = IntStream.range(0, stacks.size())
                .mapToObj(i -> nodes.call("aten::stack", "", "tensors", stacks.get(i), "dim", Operand.of(0)))
                .toList();
        graph.bind(node, joined(last, stacked));
    }

    private static List<Operand> joined(List<Operand> some, List<Operand> others) {
        List<Operand> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }
}
