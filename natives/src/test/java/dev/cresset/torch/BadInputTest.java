package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.EngineUnavailableException;
import dev.cresset.InvalidInputException;
import dev.cresset.Model;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.OutOfNativeMemoryException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees of bad models and bad input, through LibTorch; each time the next valid call works. */
class BadInputTest {

    private static Model open(String fixture) throws IOException {
        return Model.open(TorchContractTest.fixture(fixture));
    }

    private static void assertStillWorks(Model mlp) {
        try (Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 16);
                Value y = mlp.forward(x)) {
            assertThat(y.asTensor().shape()).containsExactly(1, 4);
        }
    }

    @Test
    void open_textThatIsNoModule() {
        assertThatThrownBy(() -> open("modules/not-a-module.pt"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageStartingWith("cannot load not-a-module.pt: it is not a TorchScript file, or a damaged one");
    }

    @Test
    void open_truncatedModule() {
        assertThatThrownBy(() -> open("modules/truncated.pt"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("truncated.pt")
                .hasMessageContaining("damaged");
    }

    @Test
    void open_weightsWithoutAModule() {
        assertThatThrownBy(() -> open("modules/state-dict.pt"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("state-dict.pt")
                .hasMessageContaining("not a TorchScript one")
                .hasMessageContaining("torch.jit.script");
    }

    @Test
    void open_moduleCutAnywhere_isALoadFailure(@TempDir Path folder) throws IOException {
        byte[] whole = Files.readAllBytes(TorchContractTest.fixture("modules/contract.pt"));
        for (int length = 0; length < whole.length; length += 97) {
            Path cut = Files.write(folder.resolve("cut.pt"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Model.open(cut))
                    .as("cut after %d bytes", length)
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("cut.pt");
        }
    }

    @Test
    void forward_wrongSize_namesTheModelAndWhatCame() throws IOException {
        try (Model mlp = open("risk/mlp-16-32-32-4.pt");
                Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 17)) {
            assertThatThrownBy(() -> mlp.forward(x)).isInstanceOfSatisfying(ModelExecutionException.class, e -> {
                assertThat(e)
                        .hasMessageStartingWith("mlp-16-32-32-4.pt: forward failed: ")
                        .hasMessageContaining("1x17 and 16x32")
                        .hasMessageEndingWith("arguments: tensor float32 [1, 17]");
                assertThat(String.valueOf(e.getMessage())).doesNotContain("\n");
                assertThat(e.trace()).isPresent();
            });
            assertStillWorks(mlp);
        }
    }

    @Test
    void forward_wrongTypeOfTensor() throws IOException {
        try (Model mlp = open("risk/mlp-16-32-32-4.pt");
                Tensor x = Tensor.allocate(DataType.INT64, 1, 16)) {
            assertThatThrownBy(() -> mlp.forward(x))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("mlp-16-32-32-4.pt")
                    .hasMessageContaining("tensor int64 [1, 16]");
            assertStillWorks(mlp);
        }
    }

    @Test
    void forward_wrongRank() throws IOException {
        try (Model mlp = open("risk/mlp-16-32-32-4.pt");
                Tensor x = Tensor.of(new float[] {1})) {
            assertThatThrownBy(() -> mlp.forward(x))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("tensor float32 []");
            assertStillWorks(mlp);
        }
    }

    @Test
    void forward_notATensor() throws IOException {
        try (Model mlp = open("risk/mlp-16-32-32-4.pt")) {
            assertThatThrownBy(() -> mlp.forward(Value.of(7)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("is int 7, expected Tensor");
            assertStillWorks(mlp);
        }
    }

    @Test
    void invoke_moreMemoryThanThereIs() throws IOException {
        try (Model contract = open("modules/contract.pt")) {
            assertThatThrownBy(() -> contract.invoke("fill", Value.of(1L << 50)))
                    .isInstanceOf(OutOfNativeMemoryException.class)
                    .hasMessageContaining("contract.pt: fill ran out of native memory")
                    .hasMessageContaining("int 1125899906842624");
            try (Value few = contract.invoke("fill", Value.of(3))) {
                assertThat(few.asTensor().toFloatArray()).containsExactly(0, 1, 2);
            }
        }
    }

    @Test
    void open_anEngineThatIsNotThere() {
        ModelOptions options = ModelOptions.builder().engine("tensorflow").build();
        assertThatThrownBy(() -> Model.open(TorchContractTest.fixture("modules/contract.pt"), options))
                .isInstanceOf(EngineUnavailableException.class)
                .hasMessageContaining("'tensorflow'")
                .hasMessageContaining("torch");
    }

    @Test
    void wrap_ofABufferThatIsNotAligned() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(128).order(ByteOrder.nativeOrder());
        FloatBuffer odd = bytes.slice(1, 64).order(ByteOrder.nativeOrder()).asFloatBuffer();
        assertThatThrownBy(() -> Tensor.wrap(odd, 1, 16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must start at a multiple of 4 bytes");
    }
}
