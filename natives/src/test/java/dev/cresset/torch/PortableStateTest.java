package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which modules change themselves, as the portable engine sees it. */
class PortableStateTest {

    @ParameterizedTest
    @CsvSource({
        "contract, false",
        "contract-state, true",
        "counter, true",
        "streaming, true",
        "diary, true",
        "nested-state, true",
        "train-mode, false",
        "structured, false",
        "methods, false",
        "no-forward, false",
        "errors, false"
    })
    void isStateful(String module, boolean stateful) {
        ModelSource source = new ModelSource.InFile(module, TorchContractTest.fixture("modules/" + module + ".pt"));
        for (boolean freeze : new boolean[] {true, false}) {
            try (EngineModel model = new PortableProvider().open().load(source, new LoadOptions(1, freeze))) {
                assertThat(model.isStateful()).isEqualTo(stateful);
            }
        }
    }
}
