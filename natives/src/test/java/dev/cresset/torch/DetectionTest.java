package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** torchvision's operators, one by one and inside its detectors, answer here as they did in Python. */
class DetectionTest {

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
}
