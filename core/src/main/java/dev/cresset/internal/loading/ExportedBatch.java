package dev.cresset.internal.loading;

import dev.cresset.ModelLoadException;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.ValueSpec;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Whether as many items may go together as somebody wants, by what an exported program says of its inputs' first dimension. */
public final class ExportedBatch {

    private ExportedBatch() {}

    /** Throws if there is an input that cannot be that large. */
    public static void requireUpTo(int items, String model, List<Signature.Parameter> parameters) {
        if (items > 1) {
            parameters.forEach(parameter -> check(items, model, parameter.name(), parameter.spec()));
        }
    }

    private static void check(int items, String model, String input, ValueSpec spec) {
        if (spec instanceof ValueSpec.OfTensor tensor && !tensor.sizes().isEmpty()) {
            Size size = tensor.sizes().get(0);
            reasonAgainst(size, items).ifPresent(was -> {
                throw new ModelLoadException(
                        "cannot serve " + model + " in batches of up to " + items + ": dimension 0 of input '"
                                + input + "' was exported " + was
                                + "; use Batching.none() or smaller ones, or export with a dynamic batch,"
                                + " from an example of at least 2: dynamic_shapes=({0: torch.export.Dim(\"batch\")},)"
                                + " of torch.export.export or torch.onnx.export");
            });
        } else {
            parts(spec).forEach(part -> check(items, model, input, part));
        }
    }

    /** Of one item up to as many as are wanted, any number may be in a batch. */
    private static Optional<String> reasonAgainst(Size size, int items) {
        if (size.isFixed()) {
            return size.constant() < items ? Optional.of("as " + size) : Optional.empty();
        } else if (size.max() < items) {
            return Optional.of("for at most " + size.max());
        } else if (size.min() > 1) {
            return Optional.of("for at least " + size.min() + ", and a batch may be of one item");
        }
        return size.multiples().values().stream().anyMatch(times -> times != 1)
                ? Optional.of("as " + size + ", and a batch may be of any number of items")
                : Optional.empty();
    }

    private static Collection<ValueSpec> parts(ValueSpec spec) {
        if (spec instanceof ValueSpec.Parts whole) {
            return whole.parts();
        }
        return spec instanceof ValueSpec.Entries dict ? dict.entries().values() : List.of();
    }
}
