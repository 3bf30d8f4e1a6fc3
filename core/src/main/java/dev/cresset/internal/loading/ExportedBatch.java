package dev.cresset.internal.loading;

import dev.cresset.ModelLoadException;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.ValueSpec;
import java.util.Collection;
import java.util.List;

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
            if (size.max() < items) {
                String was = size.isFixed() ? "as " + size : "for at most " + size.max();
                throw new ModelLoadException(
                        "cannot serve " + model + " in batches of up to " + items + ": dimension 0 of input '"
                                + input + "' was exported " + was
                                + "; use Batching.none() or smaller ones, or export with a dynamic batch,"
                                + " from an example of at least 2: dynamic_shapes=({0: torch.export.Dim(\"batch\")},)"
                                + " of torch.export.export or torch.onnx.export");
            }
        } else {
            parts(spec).forEach(part -> check(items, model, input, part));
        }
    }

    private static Collection<ValueSpec> parts(ValueSpec spec) {
        if (spec instanceof ValueSpec.Parts whole) {
            return whole.parts();
        }
        return spec instanceof ValueSpec.Entries dict ? dict.entries().values() : List.of();
    }
}
