package dev.cresset.examples;

import dev.cresset.FirstCallTuning;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Plan;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.ValueSpec;
import dev.cresset.tensor.ValueType;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Says what a model takes, and how it is computed and why: {@code DescribeModel model.pt2}. A {@code .pt2} and an ONNX model say
 * their sizes, a TorchScript module its types.
 */
public final class DescribeModel {

    private DescribeModel() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args.length > 0 ? args[0] : "fixtures/pt2/format/torch-2.13.pt2");
        ModelOptions options = ModelOptions.builder()
                .firstCallTuning(FirstCallTuning.NONE) // it is not called here
                .build();
        try (Model model = Model.open(file, options)) {
            for (Signature.Method method : model.signature().methods().values()) {
                ValueType result = method.result();
                System.out.println(method.name() + " gives " + result);
                for (Signature.Parameter parameter : method.parameters()) {
                    System.out.println(
                            "  takes " + parameter.name() + ": " + parameter.type() + sizes(parameter.spec()));
                }
            }
            Plan plan = model.plan();
            System.out.println("computed " + plan.optimization() + " "
                    + (plan.origin() == Plan.Origin.TUNED ? "because: " : "as: ") + plan.reason());
            for (Plan.Candidate way : plan.candidates()) {
                System.out.println("  tried " + way.optimization() + ": "
                        + way.refusal()
                                .orElseGet(() -> way.time().map(String::valueOf).orElse("not timed")));
            }
        }
    }

    private static String sizes(ValueSpec spec) {
        if (!(spec instanceof ValueSpec.OfTensor tensor)) {
            return "";
        }
        StringBuilder text = new StringBuilder(" of " + tensor.dataType());
        for (Size size : tensor.sizes()) {
            text.append(size.isFixed() ? " x " + size.constant() : " x " + size.min() + " to " + size.max());
        }
        return text.toString();
    }
}
