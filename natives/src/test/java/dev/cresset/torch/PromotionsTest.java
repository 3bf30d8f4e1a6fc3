package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A result has the type and the shape that it has in Python, and what fails there fails, whatever way it is computed: with constants
 * without dimensions, with what might be folded into a convolution, and where a tensor is written to.
 */
class PromotionsTest {

    @TestFactory
    Stream<DynamicTest> everyWay_answersInPythonsTypes() {
        return Arrays.stream(Optimization.values())
                .filter(Optimization::keepsEveryAnswer)
                .flatMap(way -> RecordedCases.replayed(
                        "promotions/cases.json",
                        way.toString(),
                        ModelOptions.builder().engine("torch").optimization(way).build(),
                        PromotionsTest::same));
    }

    private static void same(Value actual, Value expected) {
        if (expected instanceof Tensor tensor) {
            assertThat(actual.asTensor().dataType()).isEqualTo(tensor.dataType());
            assertThat(actual.asTensor().shape()).containsExactly(tensor.shape());
            double[] found = numbers(actual.asTensor()), wanted = numbers(tensor);
            for (int i = 0; i < wanted.length; i++) {
                boolean same = Double.compare(found[i], wanted[i]) == 0
                        || Math.abs(found[i] - wanted[i]) <= 1e-5 * Math.max(1, Math.abs(wanted[i]));
                assertThat(same)
                        .as("number %d is %s, expected %s", i, found[i], wanted[i])
                        .isTrue();
            }
        } else {
            List<Value> elements = expected.asList();
            assertThat(actual.asList()).hasSameSizeAs(elements);
            for (int i = 0; i < elements.size(); i++) {
                same(actual.asList().get(i), elements.get(i));
            }
        }
    }

    private static double[] numbers(Tensor tensor) {
        DataType type = tensor.dataType();
        if (type == DataType.FLOAT64) {
            return tensor.toDoubleArray();
        } else if (type == DataType.INT64) {
            return Arrays.stream(tensor.toLongArray()).asDoubleStream().toArray();
        } else if (type == DataType.INT32) {
            return Arrays.stream(tensor.toIntArray()).asDoubleStream().toArray();
        }
        float[] floats = tensor.toFloatArray();
        return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
    }
}
