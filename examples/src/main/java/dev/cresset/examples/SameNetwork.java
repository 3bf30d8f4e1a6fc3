package dev.cresset.examples;

import dev.cresset.Model;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Opens one network as PyTorch saved it and as ONNX, and asks both: {@code SameNetwork network.pt network.onnx}. Each is opened by the engine that opens
 * its format. Without arguments, it is a small one with 16 numbers in and 4 out.
 */
public final class SameNetwork {

    private SameNetwork() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path torch = Path.of(args.length > 0 ? args[0] : "fixtures/risk/mlp-16-32-32-4.pt");
        Path onnx = Path.of(args.length > 1 ? args[1] : "fixtures/onnx/mlp-16-32-32-4.onnx");
        float[] row = new float[16];
        for (int i = 0; i < row.length; i++) {
            row[i] = i / 16f;
        }

        for (Path path : new Path[] {torch, onnx}) {
            try (Model model = Model.open(path);
                    Tensor rows = Tensor.of(row, 1, 16);
                    Value scores = model.forward(rows)) {
                System.out.println(model);
                System.out.println("  computed " + model.plan());
                System.out.println(
                        "  answers " + Arrays.toString(scores.asTensor().toFloatArray()));
            }
        }
    }
}
