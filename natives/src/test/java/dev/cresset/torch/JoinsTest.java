package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What convolutions and linear layers of ours are joined with, or must not be, leaves the module's answers as they are. */
class JoinsTest {

    private static final List<Optimization> WAYS = List.of(
            Optimization.FROZEN, Optimization.CHANNELS_LAST, Optimization.DIRECT, Optimization.DIRECT_CHANNELS_LAST);

    /** What Winograd's algorithm may round of sums of about 4. */
    private static final float TOLERANCE = 4e-5f;

    @TestFactory
    Stream<DynamicTest> everyWay() {
        return WAYS.stream()
                .flatMap(way -> Stream.of(
                                "broadcast",
                                "scaled",
                                "kept",
                                "views",
                                "in_place",
                                "writes_between",
                                "in_branches",
                                "scales",
                                "layouts",
                                "rows",
                                "viewed")
                        .map(method -> DynamicTest.dynamicTest(
                                method + " in " + way, () -> compare("joins.pt", method, way))));
    }

    /** A layout of ours is not for a module that would answer with it. */
    @TestFactory
    Stream<DynamicTest> askingHowNumbersLie() {
        return WAYS.stream()
                .map(way -> DynamicTest.dynamicTest(way.toString(), () -> compare("strides.pt", "forward", way)));
    }

    private static void compare(String file, String method, Optimization way) throws IOException {
        try (Model module = open(file, Optimization.AS_IS);
                Model model = open(file, way)) {
            // LibTorch looks on in the first call, specialises the graph in the second, and runs that from the third
            // on.
            for (int call = 0; call < 4; call++) {
                float[] numbers = image(call);
                try (Tensor x = Tensor.of(numbers, 2, 16, 14, 13);
                        Value expected = module.invoke(method, x);
                        Value actual = model.invoke(method, x)) {
                    SameValue.check(actual, expected, TOLERANCE);
                    assertThat(x.toFloatArray()).as("the caller's image").isEqualTo(numbers);
                }
            }
        }
    }

    private static float[] image(int seed) {
        float[] numbers = new float[2 * 16 * 14 * 13];
        Random random = new Random(seed);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    private static Model open(String file, Optimization way) throws IOException {
        return Model.open(
                TorchContractTest.fixture("convolutions/" + file),
                ModelOptions.builder().engine("torch").optimization(way).build());
    }
}
