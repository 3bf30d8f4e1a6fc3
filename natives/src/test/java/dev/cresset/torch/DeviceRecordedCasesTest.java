package dev.cresset.torch;

import dev.cresset.ModelOptions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** What PyTorch answered on the CPU is answered on a device, too. */
@Tag("device")
class DeviceRecordedCasesTest {

    @BeforeAll
    static void loadDevice() {
        TestDevice.engine();
    }

    @TestFactory
    Stream<DynamicTest> device() {
        ModelOptions onDevice =
                ModelOptions.builder().engine("torch").device(TestDevice.DEVICE).build();
        // The stand-in computes what the CPU computes; a GPU rounds in its own way.
        return RecordedCases.replayed(
                "modules/cases.json",
                "device",
                onDevice,
                TestDevice.isGpu()
                        ? (actual, expected) -> NearValue.check(actual, expected, "answer")
                        : SameValue::check);
    }
}
