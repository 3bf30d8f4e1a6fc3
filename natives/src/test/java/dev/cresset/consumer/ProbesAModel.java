package dev.cresset.consumer;

import dev.cresset.ModelOptions;
import dev.cresset.probe.ModelProbe;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;

/** Says what a probe says of a good model. */
public final class ProbesAModel {

    private ProbesAModel() {}

    /** Runs it. */
    public static void main(String[] args) {
        ModelOptions options = ModelOptions.builder()
                .engine("torch")
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 16))
                .build();
        try {
            System.out.println(ModelProbe.builder()
                    .modelOptions(options)
                    .build()
                    .run(Path.of(System.getProperty("cresset.fixtures"), "risk", "mlp-16-32-32-4.pt"))
                    .sentence());
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
    }
}
