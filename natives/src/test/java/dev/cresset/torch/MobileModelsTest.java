package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.LoadOptions;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are made for LibTorch's interpreter on phones. */
class MobileModelsTest {

    @ParameterizedTest
    @ValueSource(strings = {"torch", "torch-portable"})
    void open_flatbuffer_isRefusedBeforeItCanCrash(String engine) {
        ModelOptions options = ModelOptions.builder().engine(engine).build();
        assertThatThrownBy(() -> Model.open(TorchContractTest.fixture("modules/flatbuffer.ff"), options))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage(
                        "cannot load flatbuffer.ff: it is a mobile model in flatbuffer form, which this engine cannot run;"
                                + " save torch.jit.script(model) with torch.jit.save instead");
    }

    @Test
    void load_flatbufferInMemory_isRefused() {
        for (Engine engine : Stream.of(new BridgeProvider(), new PortableProvider())
                .map(provider -> provider.open())
                .toList()) {
            assertThatThrownBy(() -> engine.load(
                            TorchContractTest.inMemory(TorchContractTest.fixture("modules/flatbuffer.ff")),
                            new LoadOptions(1, true)))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("flatbuffer");
        }
    }

    /** The other form is a TorchScript file with more in it. */
    @ParameterizedTest
    @ValueSource(strings = {"torch", "torch-portable"})
    void open_liteInterpreterFile_answers(String engine) throws IOException {
        try (Model model = Model.open(
                        TorchContractTest.fixture("modules/lite.ptl"),
                        ModelOptions.builder().engine(engine).build());
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Value y = model.invoke("encode", x)) {
            assertThat(y.asTensor().toFloatArray()).containsExactly(2, 8);
        }
    }
}
