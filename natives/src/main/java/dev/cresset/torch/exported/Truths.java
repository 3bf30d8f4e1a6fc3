package dev.cresset.torch.exported;

import dev.cresset.pt2.Argument;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import dev.cresset.pt2.ScalarType;
import dev.cresset.torch.exported.Nodes.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Truth values where operators take numbers: {@code mask & True}, {@code torch.where(mask, True, False)}, {@code x * True}. TorchScript's
 * numbers are never truth values, so they are one and zero; of truth values and these come whole numbers, which are made truth values
 * again.
 */
final class Truths {

    private Truths() {}

    /** Whether it was an operator on some. */
    static boolean lower(GraphLowering graph, Target target, Node node) {
        boolean isOfNumbers =
                target.overload().startsWith("Scalar") || target.overload().equals("Tensor");
        if (!target.namespace().equals("aten")
                || !isOfNumbers
                || node.outputs().size() != 1
                || node.inputs().stream().noneMatch(Truths::isTruth)) {
            return false;
        }
        boolean isOfTruths = graph.definitions()
                .meta(node.outputs().get(0))
                .filter(meta -> meta.dtype() == ScalarType.BOOL)
                .isPresent();
        Optional<String> inPlace = isOfTruths ? withoutWriting(target.name()) : Optional.empty();
        Map<String, Operand> operands = new LinkedHashMap<>();
        for (NamedArgument input : node.inputs()) {
            operands.put(input.name(), isTruth(input) ? number(input.arg()) : graph.operand(input.arg()));
        }
        Nodes nodes = graph.nodes();
        Operand result = Operand.value(nodes.numbers().next());
        nodes.call(
                "aten::" + inPlace.orElse(target.name()),
                target.overload(),
                operands,
                List.of(new Result.One(nodes.number(result))));
        if (inPlace.isPresent()) {
            result = nodes.call("aten::copy_", "", "self", graph.required(node, "self"), "src", result);
        } else if (isOfTruths) {
            result = nodes.call(
                    "aten::to", "dtype", "self", result, "dtype", Operand.of(ScalarTypes.number(ScalarType.BOOL)));
        }
        graph.bind(node, List.of(result));
        return true;
    }

    /** The operator that makes what this one writes: of {@code mul_} and {@code __ior__}, {@code mul} and {@code __or__}. */
    private static Optional<String> withoutWriting(String name) {
        if (name.startsWith("__i") && name.endsWith("__")) {
            return Optional.of("__" + name.substring(3));
        }
        return name.endsWith("_") && !name.endsWith("__")
                ? Optional.of(name.substring(0, name.length() - 1))
                : Optional.empty();
    }

    private static Operand number(Argument truth) {
        return Operand.of(truth instanceof Argument.AsBool flag && flag.value() ? 1 : 0);
    }

    private static boolean isTruth(NamedArgument input) {
        return input.arg() instanceof Argument.AsBool
                && (input.name().equals("self") || input.name().equals("other"));
    }
}
