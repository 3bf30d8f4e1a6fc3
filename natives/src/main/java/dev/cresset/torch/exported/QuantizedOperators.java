package dev.cresset.torch.exported;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.ScalarType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The operators of quantised programs ({@code quantized_decomposed}), which Python defines, in the operators that it defines them by:
 * the same numbers come out.
 */
final class QuantizedOperators {

    private QuantizedOperators() {}

    static void lower(GraphLowering graph, Target target, Node node) {
        Operand result = switch (target.name()) {
            case "quantize_per_tensor" -> quantized(graph, node, target.overload());
            case "dequantize_per_tensor" -> dequantized(graph, node, target.overload());
            case "quantize_per_channel" -> quantizedByChannel(graph, node);
            case "dequantize_per_channel" -> dequantizedByChannel(graph, node);
            case "convert_element_type" -> to(graph, graph.required(node, "input"), graph.required(node, "dtype"));
            default ->
                throw new UnsupportedProgram(
                        "it calls " + target.qualified() + ", which Cresset does not run; it runs programs"
                                + " whose scales are constants, for each tensor or each channel");
        };
        graph.bind(node, List.of(result));
    }

    private static Operand to(GraphLowering graph, Operand tensor, Operand type) {
        return graph.nodes().call("aten::to", "dtype", "self", tensor, "dtype", type);
    }

    private static Operand number(GraphLowering graph, Node node, String name, Type type, boolean isTensor) {
        Operand given = graph.required(node, name);
        String conversion = type.equals(Type.FLOAT) ? "aten::Float" : "aten::Int";
        return isTensor ? graph.nodes().matched(conversion, type, List.of(given)) : given;
    }

    private static Operand quantized(GraphLowering graph, Node node, String overload) {
        boolean isTensor = !overload.isEmpty();
        boolean hasTensorBounds = overload.equals("tensor2");
        Nodes nodes = graph.nodes();
        Operand scale = number(graph, node, "scale", Type.FLOAT, isTensor);
        Operand inverse = nodes.matched("aten::div", Type.FLOAT, List.of(Operand.of(1.0), scale));
        Operand steps = nodes.call("aten::mul", "Scalar", "self", graph.required(node, "input"), "other", inverse);
        Operand rounded = nodes.call("aten::round", "", "self", steps);
        Operand shifted = nodes.call(
                "aten::add", "Scalar", "self", rounded, "other", number(graph, node, "zero_point", Type.INT, isTensor));
        return to(
                graph,
                nodes.call(
                        "aten::clamp",
                        "",
                        "self",
                        shifted,
                        "min",
                        number(graph, node, "quant_min", Type.INT, hasTensorBounds),
                        "max",
                        number(graph, node, "quant_max", Type.INT, hasTensorBounds)),
                graph.required(node, "dtype"));
    }

    private static Operand dequantized(GraphLowering graph, Node node, String overload) {
        boolean isTensor = !overload.isEmpty();
        Nodes nodes = graph.nodes();
        Operand numbers = to(graph, graph.required(node, "input"), outType(graph, node));
        Operand shifted = nodes.call(
                "aten::sub", "Scalar", "self", numbers, "other", number(graph, node, "zero_point", Type.INT, isTensor));
        return nodes.call(
                "aten::mul", "Scalar", "self", shifted, "other", number(graph, node, "scale", Type.FLOAT, isTensor));
    }

    private static Operand outType(GraphLowering graph, Node node) {
        return graph.argument(node, "out_dtype")
                .filter(given -> !(given instanceof Operand.None))
                .orElse(Operand.of(ScalarTypes.number(ScalarType.FLOAT)));
    }

    private static Operand quantizedByChannel(GraphLowering graph, Node node) {
        Nodes nodes = graph.nodes();
        Operand inverse = nodes.call("aten::reciprocal", "", "self", byChannel(graph, node, "scales"));
        Operand steps = nodes.call("aten::mul", "Tensor", "self", graph.required(node, "input"), "other", inverse);
        Operand rounded = nodes.call("aten::round", "", "self", steps);
        Operand shifted =
                nodes.call("aten::add", "Tensor", "self", rounded, "other", byChannel(graph, node, "zero_points"));
        return to(
                graph,
                nodes.call(
                        "aten::clamp",
                        "",
                        "self",
                        shifted,
                        "min",
                        graph.required(node, "quant_min"),
                        "max",
                        graph.required(node, "quant_max")),
                graph.required(node, "dtype"));
    }

    private static Operand dequantizedByChannel(GraphLowering graph, Node node) {
        Nodes nodes = graph.nodes();
        Operand input = graph.required(node, "input");
        boolean hasZeroPoints = graph.argument(node, "zero_points")
                .filter(given -> !(given instanceof Operand.None))
                .isPresent();
        Operand shifted = hasZeroPoints
                ? nodes.call("aten::sub", "Tensor", "self", input, "other", byChannel(graph, node, "zero_points"))
                : input;
        Operand scaled = nodes.call("aten::mul", "Tensor", "self", shifted, "other", byChannel(graph, node, "scales"));
        return to(graph, scaled, outType(graph, node));
    }

    /** A number for each channel, laid along the input's dimension of that. */
    private static Operand byChannel(GraphLowering graph, Node node, String name) {
        int rank = graph.definitions()
                .sizes(Definitions.argument(node, "input"))
                .map(List::size)
                .filter(known -> known > 0)
                .orElseThrow(
                        () -> new UnsupportedProgram("it calls " + node.target() + " of a tensor without dimensions"));
        int axis = Definitions.argument(node, "axis") instanceof Argument.AsInt place ? (int) place.value() : 0;
        List<Long> shape = new ArrayList<>(Collections.nCopies(rank, 1L));
        shape.set(Math.floorMod(axis, rank), -1L);
        return graph.nodes()
                .call(
                        "aten::view",
                        "",
                        "self",
                        graph.required(node, name),
                        "size",
                        Operand.list(Type.INT, shape, Operand::of));
    }
}
