package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Linear layers give PyTorch's answers whichever way they are computed, one of which is code of our own; and so do modules that
 * Python quantised.
 */
class LayersTest {
    private static final List<String> FILES = Stream.of("cases", "norms", "products", "heads", "spelled", "rows")
            .map(name -> "layers/" + name + ".json")
            .toList();

    @TestFactory
    Stream<DynamicTest> everyWay() {
        return Stream.of(Optimization.values()).flatMap(LayersTest::computed);
    }

    private static Stream<DynamicTest> computed(Optimization way) {
        ModelOptions options =
                ModelOptions.builder().engine("torch").optimization(way).build();
        return tests(FILES.stream()
                .flatMap(file -> RecordedCases.replayed(file, way.toString(), options, LayersTest::same)));
    }

    @TestFactory
    Stream<DynamicTest> portable() {
        return tests(FILES.stream().flatMap(file -> RecordedCases.replayed(file, "torch-portable", LayersTest::same)));
    }

    /** Infinities and all. */
    private static void same(Value actual, Value expected) {
        SameValue.check(actual, expected);
    }

    private static Stream<DynamicTest> tests(Stream<DynamicTest> cases) {
        List<DynamicTest> tests = cases.toList();
        assertThat(tests).hasSizeGreaterThanOrEqualTo(65);
        return tests.stream();
    }
}
