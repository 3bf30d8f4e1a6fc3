package dev.cresset.torch.exported;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.SymInt;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Operators that may give back the tensor that they were given, which their schemas do not say: a dropout that drops nothing, a conversion to
 * the same type. TorchScript goes by the schemas, and leaves out what is written to such a tensor, or puts it in another order. They are
 * said by others here, of which it knows.
 */
final class UnmarkedAliases {

    private UnmarkedAliases() {}

    /** Whether it was one of them. */
    static boolean lower(GraphLowering graph, Target target, Node node) {
        Optional<Operand> said = switch (target.name() + "." + target.overload()) {
            case "dropout.", "feature_dropout.", "alpha_dropout.", "feature_alpha_dropout." ->
                Definitions.argument(node, "train") instanceof Argument.AsBool train && !train.value()
                        ? Optional.of(graph.required(node, "input"))
                        : Optional.empty();
            case "type_as." ->
                Optional.of(graph.nodes()
                        .call(
                                "aten::to",
                                "other",
                                "self",
                                graph.required(node, "self"),
                                "other",
                                graph.required(node, "other")));
            case "atleast_1d." -> atLeast(graph, node, 1);
            case "atleast_2d." -> atLeast(graph, node, 2);
            case "atleast_3d." -> atLeast(graph, node, 3);
            default -> Optional.empty();
        };
        said.ifPresent(operand -> graph.bind(node, List.of(operand)));
        return said.isPresent();
    }

    /** As a view: a number gets every dimension, a row becomes the only one, and a matrix is the front of a volume. */
    private static Optional<Operand> atLeast(GraphLowering graph, Node node, int dimensions) {
        Optional<Integer> known =
                graph.definitions().sizes(Definitions.argument(node, "self")).map(List<SymInt>::size);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        int rank = known.get();
        Operand tensor = graph.required(node, "self");
        if (rank == 0) {
            return Optional.of(graph.nodes()
                    .call(
                            "aten::reshape",
                            "",
                            "self",
                            tensor,
                            "shape",
                            Operand.list(Type.INT, Collections.nCopies(dimensions, 1L), Operand::of)));
        }
        if (rank == 1 && dimensions > 1) {
            tensor = unsqueezed(graph, tensor, 0);
        }
        return Optional.of(rank < 3 && dimensions == 3 ? unsqueezed(graph, tensor, -1) : tensor);
    }

    private static Operand unsqueezed(GraphLowering graph, Operand tensor, long dimension) {
        return graph.nodes().call("aten::unsqueeze", "", "self", tensor, "dim", Operand.of(dimension));
    }
}
