package dev.cresset.torch;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** What PyTorch answered on the CPU is answered on a device, too. */
@Tag("device")
class DeviceRecordedCasesTest {

    /** What computes on the CPU alone: int8 layers, in LibTorch; and torchvision's operators, as the bridge has them. */
    private static final Pattern OF_THE_CPU = Pattern.compile("(.* int8/|(boxes|deformed)\\.).*");

    /**
     * What the stand-in cannot and a GPU can: LSTM and GRU; and the norm of equal numbers, which operators one by one make nearly zero.
     * And a layer norm of bfloat16 numbers with weights in float32, as regions of torch.autocast have them, is float32 there. And a
     * batch norm that trains: LibTorch's way to compute on the host what a device cannot brings its statistics not back, for its schema
     * does not say that they are written.
     */
    private static final Pattern OF_GPUS = Pattern.compile(
            "((lstm|gru|cell|precisions)\\.|running-statistics\\.default|pictures\\.core|.* rows/layer-norm|.*packed rnn).*");

    @BeforeAll
    static void loadDevice() {
        TestDevice.engine();
    }

    @TestFactory
    Stream<DynamicTest> modules() {
        return computable(RecordedCases.replayed(
                "modules/cases.json",
                "device",
                options().build(),
                TestDevice.isGpu() ? DeviceRecordedCasesTest::near : SameValue::check));
    }

    /** Code that names the CPU, lengths that have to stay there, masks with float32's lowest number. */
    @TestFactory
    Stream<DynamicTest> modulesOfDevices() {
        return everyWay("devices/cases.json");
    }

    @TestFactory
    Stream<DynamicTest> layers() {
        return Stream.of("cases", "norms", "products", "heads", "spelled", "rows")
                .flatMap(file -> everyWay("layers/" + file + ".json"));
    }

    @TestFactory
    Stream<DynamicTest> recurrent() {
        Assumptions.assumeTrue(TestDevice.isGpu(), "the stand-in has no LSTM and no GRU");
        return everyWay("recurrent/cases.json");
    }

    @TestFactory
    Stream<DynamicTest> exportedPrograms() {
        return computable(Pt2ProgramsTest.programs(
                Fixtures.path("pt2"), Pt2Fixtures::path, DeviceRecordedCasesTest::answersAsPython));
    }

    private static void answersAsPython(JsonNode program, Path file) throws IOException {
        for (JsonNode recorded : program.get("cases")) {
            try (Model model =
                    Model.open(file, options().optimization(Optimization.FROZEN).build())) {
                Pt2ProgramsTest.answersAsPython(model, recorded, "on a device");
            }
        }
    }

    private static Stream<DynamicTest> everyWay(String file) {
        return Stream.of(Optimization.FROZEN, Optimization.CHANNELS_LAST)
                .flatMap(way -> computable(RecordedCases.replayed(
                        file, way.toString(), options().optimization(way).build(), DeviceRecordedCasesTest::near)));
    }

    private static Stream<DynamicTest> computable(Stream<DynamicTest> tests) {
        return tests.filter(test -> !OF_THE_CPU.matcher(test.getDisplayName()).matches())
                .filter(test -> TestDevice.isGpu()
                        || !OF_GPUS.matcher(test.getDisplayName()).matches());
    }

    private static ModelOptions.Builder options() {
        return ModelOptions.builder().engine("torch").device(TestDevice.DEVICE);
    }

    /** A device rounds in its own way, and is asked for other operators than the CPU. */
    private static void near(Value actual, Value expected) {
        NearValue.check(actual, expected, "on a device");
    }
}
