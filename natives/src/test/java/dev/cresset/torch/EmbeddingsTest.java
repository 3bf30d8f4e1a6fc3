package dev.cresset.torch;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Embeddings and small sums give PyTorch's answers, and its errors, whichever way they are computed. */
class EmbeddingsTest {

    private static final String CASES = "embeddings/cases.json";

    @TestFactory
    Stream<DynamicTest> everyWay() {
        return Stream.of(Optimization.values()).flatMap(EmbeddingsTest::computed);
    }

    @TestFactory
    Stream<DynamicTest> portable() {
        return RecordedCases.replayed(CASES, "torch-portable", SameValue::check);
    }

    private static Stream<DynamicTest> computed(Optimization way) {
        ModelOptions options =
                ModelOptions.builder().engine("torch").optimization(way).build();
        return RecordedCases.replayed(CASES, way.toString(), options, SameValue::check);
    }
}
