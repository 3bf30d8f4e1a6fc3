package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Model;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose code names a device that is not there, as code does that was traced on a GPU. */
class DevicesTest {

    @ParameterizedTest
    @CsvSource({
        "torch, forward, cuda:0",
        "torch, moved, cuda:1",
        "torch, on_cuda, cuda",
        "torch, on_mps, mps",
        "torch, on_xla, xla:1",
        "torch-portable, forward, cuda:0",
        "torch-portable, moved, cuda:1",
        "torch-portable, on_cuda, cuda",
        "torch-portable, on_mps, mps",
        "torch-portable, on_xla, xla:1"
    })
    void invoke_ofCodeThatNamesADevice_saysWhichAndWhatToDo(String engine, String method, String device)
            throws IOException {
        try (Model model = open(engine);
                Tensor x = Tensor.of(new float[] {1, 2, 3}, 3)) {
            assertThatThrownBy(() -> model.invoke(method, x))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("the model's code names device " + device + ", which")
                    .hasMessageContaining("on the CPU")
                    .satisfies(e -> assertThat(((ModelExecutionException) e).trace())
                            .hasValueSatisfying(trace -> assertThat(trace).contains("<--- HERE")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch", "torch-portable"})
    void invoke_ofCodeThatTakesItsInputsDevice_answers(String engine) throws IOException {
        try (Model model = open(engine);
                Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
                Value y = model.invoke("here", x)) {
            assertThat(y.asTensor().toFloatArray()).containsExactly(1, 2, 3);
        }
    }

    private static Model open(String engine) throws IOException {
        return Model.open(
                TorchContractTest.fixture("modules/devices.pt"),
                ModelOptions.builder().engine(engine).build());
    }
}
