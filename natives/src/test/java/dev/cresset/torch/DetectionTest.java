package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** torchvision's operators, one by one and inside its detectors, answer here as they did in Python. */
class DetectionTest {

    /** Not by way of the contract test's class, which is in the jar that a child does without. */
    private static final Path DETECTOR = Path.of(System.getProperty("cresset.fixtures"), "vision", "faster-rcnn.pt");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static final Set<String> IN_PIXELS = Set.of("boxes", "keypoints");

    @TestFactory
    Stream<DynamicTest> operators() {
        List<DynamicTest> tests = RecordedCases.replayed("vision/operators.json", "torch", SameValue::check)
                .toList();
        assertThat(tests).hasSizeGreaterThan(40);
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> detectors() {
        List<DynamicTest> tests = RecordedCases.replayed(
                        "vision/detectors.json", "torch", DetectionTest::sameDetections)
                .toList();
        assertThat(tests).hasSize(6);
        return tests.stream();
    }

    /** What scripted detectors give: their losses, which are none, and for each picture the boxes and what is in them. */
    private static void sameDetections(Value actual, Value expected) {
        assertThat(actual.asList()).hasSize(2);
        SameValue.check(actual.asList().get(0), expected.asList().get(0));
        List<Value> pictures = expected.asList().get(1).asList();
        assertThat(actual.asList().get(1).asList()).hasSameSizeAs(pictures);
        for (int i = 0; i < pictures.size(); i++) {
            Value.DictValue found = actual.asList().get(1).asList().get(i).asDict();
            Value.DictValue wanted = pictures.get(i).asDict();
            assertThat(found.entries().keySet()).isEqualTo(wanted.entries().keySet());
            for (Value key : wanted.entries().keySet()) {
                float tolerance = IN_PIXELS.contains(key.asString()) ? 0.01f : 1e-4f;
                SameValue.check(found.get(key.asString()), wanted.get(key.asString()), tolerance);
            }
        }
    }

    /** In a process of its own: once the bridge is loaded, its operators are there for every engine on the same LibTorch. */
    @Test
    void open_whereTheEngineHasNoSuchOperators_namesOneAndTheEngineThatHas() throws IOException, InterruptedException {
        ChildJvm child =
                ChildJvm.run(OpensADetector.class, ChildJvm::withoutFake, folder, "-Dcresset.engine=torch-portable");
        assertThat(child.output())
                .contains("ModelLoadException: cannot load faster-rcnn.pt: it uses torchvision::")
                .contains("which this engine does not have; the engine 'torch', on Linux x86-64, has");
    }

    /** Opens one, and prints what comes of it. */
    static final class OpensADetector {
        private OpensADetector() {}

        public static void main(String[] args) throws IOException {
            try (Model model = Model.open(DETECTOR)) {
                System.out.println("opened " + model);
            } catch (ModelLoadException e) {
                System.out.println(e);
            }
        }
    }
}
