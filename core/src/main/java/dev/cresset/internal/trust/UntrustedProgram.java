package dev.cresset.internal.trust;

import dev.cresset.ModelLoadException;
import dev.cresset.pt2.Argument;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Graph;
import dev.cresset.pt2.NamedArgument;
import dev.cresset.pt2.Node;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses an exported program for an operator that reaches outside the computation. It is a list of calls by name, with nothing in it that
 * could hide one.
 */
public final class UntrustedProgram {

    private static final String OPERATORS = "torch.ops.";

    /** Those that an engine takes apart itself: branches and loops, and arithmetic of quantised programs. */
    private static final Set<String> TAKEN_APART = Set.of("higher_order", "quantized_decomposed");

    private UntrustedProgram() {}

    public static void requireHarmless(String model, Collection<ExportedProgram> programs) {
        for (ExportedProgram program : programs) {
            firstRefusal(program.graphModule().graph()).ifPresent(what -> {
                throw new ModelLoadException("cannot load " + model + ": it calls " + what
                        + "; ModelOptions.builder().trusted(true) opens a model that comes from where you trust");
            });
        }
    }

    private static Optional<String> firstRefusal(Graph graph) {
        return graph.nodes().stream().flatMap(node -> refusal(node).stream()).findFirst();
    }

    private static Optional<String> refusal(Node node) {
        if (node.target().startsWith(OPERATORS)) {
            String[] parts = node.target().substring(OPERATORS.length()).split("\\.", -1);
            if (parts.length >= 2 && !TAKEN_APART.contains(parts[0])) {
                Optional<String> refusal = OperatorPolicy.refusal(parts[0], parts[1]);
                if (refusal.isPresent()) {
                    return Optional.of(parts[0] + "::" + parts[1] + ", " + refusal.get());
                }
            }
        }
        return node.inputs().stream()
                .map(NamedArgument::arg)
                .flatMap(argument -> argument instanceof Argument.AsGraph inner
                        ? firstRefusal(inner.graph()).stream()
                        : Optional.<String>empty().stream())
                .findFirst();
    }
}
