package dev.cresset.pt2;

import java.util.List;
import java.util.Map;

/**
 * A program that {@code torch.export} wrote: one graph, its signature, and what was known of its sizes.
 *
 * <p>This and the records below mirror export's own schema, name for name ({@code torch/_export/serde/schema.py}), so
 * that what is read here can be looked up there. They are values: nothing of an archive is kept open for them.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param opsetVersion the version of each name space of operators
 * @param rangeConstraints by the name of a symbol, how small and how large what it stands for may be
 * @param verifiers which rules the graph was held to: {@code TRAINING} unless it was decomposed
 * @param torchVersion the version of PyTorch that wrote it
 * @param guardsCode what must hold of the inputs, as Python says it; the engine {@code torch} holds calls to it
 */
public record ExportedProgram(
        GraphModule graphModule,
        Map<String, Long> opsetVersion,
        Map<String, RangeConstraint> rangeConstraints,
        SchemaVersion schemaVersion,
        List<String> verifiers,
        String torchVersion,
        List<String> guardsCode) {
    /** Copies what is given. */
    public ExportedProgram {
        opsetVersion = Ordered.copyOf(opsetVersion);
        rangeConstraints = Ordered.copyOf(rangeConstraints);
        verifiers = List.copyOf(verifiers);
        guardsCode = List.copyOf(guardsCode);
    }
}
