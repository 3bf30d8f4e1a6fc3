package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.DeviceUnavailableException;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Device;
import dev.cresset.engine.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Where there is no GPU, each wish for one ends in a sentence. */
class NoDeviceTest {

    private static final Engine ENGINE = new BridgeProvider().open();

    @Test
    void unavailable_saysWhatIsMissing() {
        assertThat(ENGINE.unavailable(Device.cuda(0)))
                .hasValueSatisfying(reason -> assertThat(reason).containsAnyOf("libtorch_cuda", "NVIDIA driver"));
        assertThat(ENGINE.unavailable(Device.cpu())).isEmpty();
    }

    @Test
    void devices_areTheCpuAlone() {
        assertThat(ENGINE.devices())
                .singleElement()
                .satisfies(report -> assertThat(report.device()).isEqualTo(Device.cpu()));
    }

    /** {@code -Dcresset.test.libtorch=DIR}: {@code torch/lib} of a PyTorch for CUDA, on a machine without a GPU. */
    @Test
    @EnabledIfSystemProperty(named = "cresset.test.libtorch", matches = ".+")
    void buildForGpus_withoutADriver_saysSo(@TempDir Path folder) throws IOException, InterruptedException {
        String libTorch = "-Dcresset.libtorch=" + System.getProperty("cresset.test.libtorch");
        ChildJvm child = ChildJvm.run(AsksForCuda.class, entry -> true, folder, libTorch, "-Dcresset.cache=off");
        assertThat(child.output())
                .contains("as Java sees it: there is no NVIDIA driver")
                .contains("devices: 0")
                .contains("why not: this machine has no NVIDIA driver (libcuda.so.1)")
                .contains("load: this machine has no NVIDIA driver (libcuda.so.1)")
                .endsWith("the CPU answers 5.0\ndone\n");
    }

    @Test
    void open_onAGpu_isRefusedInASentence() {
        for (int index : List.of(0, 9999)) {
            ModelOptions options = ModelOptions.builder()
                    .engine("torch")
                    .device(Device.cuda(index))
                    .build();
            assertThatThrownBy(() -> Model.open(TorchContractTest.fixture("modules/contract.pt"), options))
                    .isInstanceOf(DeviceUnavailableException.class)
                    .hasMessageContaining("cuda:" + index)
                    .satisfies(e -> assertThat(e.getMessage()).containsAnyOf("libtorch_cuda", "NVIDIA driver"));
        }
    }
}
