package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Models in numbers of half the bytes, on a device. */
@Tag("device")
class DevicePrecisionTest {

    @BeforeAll
    static void loadDevice() {
        TestDevice.engine();
    }

    private static ModelOptions.Builder options(Precision precision) {
        return ModelOptions.builder()
                .engine("torch")
                .device(TestDevice.DEVICE)
                .precision(precision)
                .inputs(TensorSpec.of(DataType.FLOAT32, -1, 5, 8));
    }

    private static Tensor sequence() {
        float[] numbers = new float[80];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) Math.sin(i);
        }
        return Tensor.of(numbers, 2, 5, 8);
    }

    private static float[] answer(Model model) {
        try (Tensor x = sequence();
                Value y = model.forward(x)) {
            assertThat(y.asTensor().dataType()).isEqualTo(DataType.FLOAT32);
            return y.asTensor().toFloatArray();
        }
    }

    /** Its attention is masked with float32's lowest number, in float32 by name: of float16, LibTorch refuses both. */
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "AS_SAVED")
    void forward_inHalfTheBytes_isNearFloat32_andIsNotIt(Precision precision) throws Exception {
        try (Model exact = Model.open(
                        TorchContractTest.fixture("devices/masked.pt"),
                        options(Precision.AS_SAVED).build());
                Model reduced = Model.open(
                        TorchContractTest.fixture("devices/masked.pt"),
                        options(precision).build())) {
            float[] expected = answer(exact);
            float[] found = answer(reduced);
            assertThat(reduced.plan().precision()).isEqualTo(precision);
            int moved = 0;
            for (int i = 0; i < expected.length; i++) {
                assertThat(found[i]).isCloseTo(expected[i], within(0.03f));
                moved += found[i] == expected[i] ? 0 : 1;
            }
            assertThat(moved).as("answers that show that it was half the bytes").isPositive();
        }
    }

    @Test
    void boundCall_inFloat16_asAGraph_answersTheSame() throws Exception {
        try (Model model = Model.open(
                        TorchContractTest.fixture("devices/masked.pt"),
                        options(Precision.FLOAT16).cudaGraphs(2).build());
                Tensor x = sequence();
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2, 5, 8);
                BoundCall call = model.bind(List.of(x), List.of(y))) {
            float[] plainly = answer(model);
            for (int i = 0; i < 12; i++) {
                call.run();
            }
            assertThat(model.graphs().recorded()).isEqualTo(1);
            assertThat(y.toFloatArray()).isEqualTo(plainly);
        }
    }

    @Test
    void graphs_ofAClosedModel_areNone() throws Exception {
        Model model = Model.open(
                TorchContractTest.fixture("devices/masked.pt"),
                options(Precision.AS_SAVED).cudaGraphs(2).build());
        model.close();
        assertThat(model.graphs().most()).isZero();
    }

    @Test
    void float16_onTheCpu_isRefused() {
        ModelOptions options = ModelOptions.builder()
                .engine("torch")
                .precision(Precision.FLOAT16)
                .inputs(TensorSpec.of(DataType.FLOAT32, -1, 5, 8))
                .build();
        assertThatThrownBy(() -> Model.open(TorchContractTest.fixture("devices/masked.pt"), options))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("float16 is for GPUs; CPUs compute with bfloat16 (Precision.BFLOAT16)");
    }
}
