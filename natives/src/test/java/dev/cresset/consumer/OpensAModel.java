package dev.cresset.consumer;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;

/** Says what opening and calling a model ends in. */
public final class OpensAModel {

    private OpensAModel() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        Path mlp = Path.of(System.getProperty("cresset.fixtures"), "risk", "mlp-16-32-32-4.pt");
        try (Model model = Model.open(mlp);
                Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 16)) {
            model.forward(x).close();
            System.out.println("works in " + Model.class.getModule());
        } catch (InferenceException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
