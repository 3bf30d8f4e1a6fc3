package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions give PyTorch's answers whichever way they are computed, one of which is code of our own. */
class ConvolutionsTest {

    private static final String CASES = "convolutions/cases.json";
    private static final String ROWS_CASES = "convolutions/rows.json";
    private static final String TRANSPOSED_CASES = "convolutions/transposed.json";
    private static final String DECODER_CASES = "convolutions/decoders.json";
    private static final String VOLUME_CASES = "convolutions/volumes.json";
    private static final String LAST_LAYER_CASES = "convolutions/last-layers.json";
    private static final String MOBILE_CASES = "convolutions/mobile.json";
    private static final String PADDING_CASES = "convolutions/paddings.json";
    private static final String BFLOAT16_CASES = "convolutions/bfloat16.json";

    /** What two ways to round sums of about 1 may differ by. */
    private static final float OF_BFLOAT16 = 0.03f;

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everyWay() {
        // optimize_for_inference fails at a padding that is given by name.
        return Stream.of(Optimization.values())
                .filter(way -> way != Optimization.FOR_INFERENCE && way != Optimization.DIRECT_CHANNELS_LAST)
                .flatMap(ConvolutionsTest::cases);
    }

    @TestFactory
    Stream<DynamicTest> direct() {
        return IntStream.of(1, 2).boxed().flatMap(ConvolutionsTest::directCases);
    }

    @TestFactory
    Stream<DynamicTest> portable() {
        ModelOptions options = ModelOptions.builder().engine("torch-portable").build();
        return RecordedCases.replayedTogether(CASES, "torch-portable", options, ConvolutionsTest::same);
    }

    /** The vectors of a CPU without AVX-512, and no kernels at all. */
    @Test
    void otherInstructions() throws IOException, InterruptedException {
        for (String capability : new String[] {"avx2", "default"}) {
            ChildJvm child =
                    ChildJvm.run(Map.of("ATEN_CPU_CAPABILITY", capability), Replays.class, entry -> true, folder);
            assertThat(child.output()).as(capability).endsWith("all the same\n");
            assertThat(child.exitCode()).isZero();
        }
    }

    /** Sums are written over what is added to, if nobody else has it: the caller has what it passed. */
    @ParameterizedTest
    @CsvSource({"added_last, 32", "scaled_last, 16"})
    void callersTensor_isNotWrittenTo(String method, int channels) throws IOException {
        float[] numbers = new float[channels * 6];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i % 7 - 3;
        }
        try (Model model = Model.open(TorchContractTest.fixture("convolutions/convolution.pt"), direct(1));
                Tensor x = Tensor.of(numbers, 1, channels, 2, 3)) {
            // The first call of an interpreter is another than those that follow.
            for (int call = 0; call < 3; call++) {
                try (Value y = model.invoke(method, x)) {
                    assertThat(y.asTensor().shape()).containsExactly(1, channels, 2, 3);
                }
                assertThat(x.toFloatArray()).isEqualTo(numbers);
            }
        }
    }

    /** LibTorch's own answer depends on the vectors of the CPU: this one, or not a number. */
    @Test
    void groupWhoseSquaresAreBeyondAllNumbers_isNormalisedToNumbers() throws IOException {
        float[] numbers = new float[6 * 5 * 4];
        Arrays.fill(numbers, 0.5f);
        numbers[31] = 1e30f;
        numbers[80] = -3e35f;
        try (Model model = Model.open(TorchContractTest.fixture("convolutions/decoders.pt"), direct(1));
                Tensor x = Tensor.of(numbers, 1, 6, 5, 4);
                Value y = model.invoke("normalised_alone", x)) {
            assertThat(y.asTensor().toFloatArray()).containsOnly(0f);
        }
    }

    /** A network of transposed convolutions alone is computed directly, too. */
    @Test
    void transposedConvolutionsAlone_areComputedDirectly() throws IOException {
        try (Model model = Model.open(TorchContractTest.fixture("convolutions/transposed-traced.pt"), direct(1))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
        }
    }

    private static Stream<DynamicTest> cases(Optimization way) {
        ModelOptions options =
                ModelOptions.builder().engine("torch").optimization(way).build();
        // What oneDNN's graphs are fused to depends on what they are run with first.
        boolean isFused = way == Optimization.FUSED || way == Optimization.FUSED_CHANNELS_LAST;
        return isFused
                ? RecordedCases.replayed(CASES, way.toString(), options, ConvolutionsTest::same)
                : RecordedCases.replayedTogether(CASES, way.toString(), options, ConvolutionsTest::same);
    }

    /** The first images decide how a layer is computed: each case has a model of its own. */
    private static Stream<DynamicTest> directCases(int threads) {
        return directCases(threads, RecordedCases::replayed);
    }

    private static Stream<DynamicTest> directCases(int threads, Replay replay) {
        String title = "direct, threads: " + threads;
        ModelOptions options = direct(threads);
        Stream<DynamicTest> inFloat32 = Stream.of(
                        CASES,
                        ROWS_CASES,
                        TRANSPOSED_CASES,
                        DECODER_CASES,
                        VOLUME_CASES,
                        LAST_LAYER_CASES,
                        PADDING_CASES,
                        MOBILE_CASES)
                .flatMap(cases -> replay.of(cases, title, options, ConvolutionsTest::same));
        return Stream.concat(
                inFloat32,
                replay.of(
                        BFLOAT16_CASES,
                        title,
                        options,
                        (actual, expected) -> SameValue.check(actual, expected, OF_BFLOAT16)));
    }

    private static ModelOptions direct(int threads) {
        return ModelOptions.builder()
                .engine("torch")
                .optimization(Optimization.DIRECT_CHANNELS_LAST)
                .intraOpThreads(threads)
                .build();
    }

    private static void same(Value actual, Value expected) {
        SameValue.check(actual, expected);
    }

    /** How cases of a file are replayed. */
    private interface Replay {
        Stream<DynamicTest> of(String file, String title, ModelOptions options, BiConsumer<Value, Value> same);
    }

    /** All cases, in a process of its own. */
    static final class Replays {

        private Replays() {}

        /** Ends with words that say so if all are the same. */
        public static void main(String[] args) throws Throwable {
            // Without kernels, nothing depends on which images come first.
            boolean hasKernels = !System.getenv("ATEN_CPU_CAPABILITY").equals("default");
            Replay replay = hasKernels ? RecordedCases::replayed : RecordedCases::replayedTogether;
            for (DynamicTest test : directCases(1, replay).toList()) {
                test.getExecutable().execute();
            }
            System.out.println("all the same");
        }
    }
}
