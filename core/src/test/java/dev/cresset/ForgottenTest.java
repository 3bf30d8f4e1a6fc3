package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.OpenThings;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What nobody closes and nobody refers to any more gives its native memory back. */
@ExtendWith(OpenThings.class)
class ForgottenTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Model open() throws IOException {
        return Model.open(Files.writeString(folder.resolve("contract.pt"), "contract"));
    }

    @Test
    void model_forgotten() throws Exception {
        open();
        OpenThings.collectUntilClosed("model");
        assertThat(OpenThings.count("model")).isZero();
    }

    @Test
    void model_forgottenTogetherWithItsBoundCall() throws Exception {
        try (Tensor x = Tensor.of(new float[] {1}, 1);
                Tensor y = Tensor.of(new float[] {1}, 1)) {
            open().bind(List.of(x), List.of(y)).run();
            OpenThings.collectUntilClosed("model");
            assertThat(OpenThings.count("model")).isZero();
            assertThat(OpenThings.count("session")).isZero();
        }
    }

    @Test
    void model_thatABoundCallStillUses_staysOpen() throws Exception {
        try (Tensor x = Tensor.of(new float[] {1}, 1);
                Tensor y = Tensor.of(new float[] {1}, 1)) {
            BoundCall call = open().bind(List.of(x), List.of(y));
            for (int i = 0; i < 3; i++) {
                System.gc();
                call.run();
            }
            assertThat(y.toFloatArray()).containsExactly(3);
            call = null;
            OpenThings.collectUntilClosed("model");
        }
    }

    @Test
    void predictor_forgotten() throws Exception {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"))) {
            Predictor.open(archive, TensorHandler.ofFloats()).predict(new float[] {1});
        }
        OpenThings.collectUntilClosed("model");
        assertThat(OpenThings.count("model")).isZero();
        assertThat(OpenThings.count("session")).isZero();
    }
}
