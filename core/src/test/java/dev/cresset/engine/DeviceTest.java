package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices in PyTorch's words. */
class DeviceTest {

    @ParameterizedTest
    @CsvSource({"cpu, cpu", "cpu:0, cpu", "cuda, cuda:0", "cuda:0, cuda:0", "cuda:15, cuda:15"})
    void parse_readsPyTorchsWords(String words, String device) {
        assertThat(Device.parse(words)).hasToString(device).isEqualTo(Device.parse(device));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "CUDA:0", "cuda:", "cuda:-1", "cuda:99999", "cpu:1", " cuda:0", "mps"})
    void parse_ofAnythingElse_isRefused(String words) {
        assertThatThrownBy(() -> Device.parse(words)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parse_ofAnythingElse_saysWhatIsExpected() {
        assertThatThrownBy(() -> Device.parse("gpu"))
                .hasMessage("'gpu' is no device, expected cpu, cuda, or cuda:0 and so on");
        assertThatThrownBy(() -> Device.cuda(-1)).hasMessage("a device CUDA with index -1, expected 0 or more");
    }

    @Test
    void cpu_isOne() {
        assertThat(Device.cpu()).isEqualTo(new Device(Device.Kind.CPU, 0));
        assertThat(Device.cpu().isCpu()).isTrue();
        assertThat(Device.cuda(0).isCpu()).isFalse();
    }
}
