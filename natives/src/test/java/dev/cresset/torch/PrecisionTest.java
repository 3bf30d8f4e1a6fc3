package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.Model;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.handler.Classification;
import dev.cresset.handler.ImageClassifier;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Models computed with fewer digits than they were saved with, on the CPU that runs the test. */
class PrecisionTest {

    private static final boolean CPU_HAS_BFLOAT16 = readCpuInfo().contains(" avx512_bf16 ");

    private static String readCpuInfo() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo")).replace('\n', ' ');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelOptions.Builder bfloat16() {
        return ModelOptions.builder().engine("torch").precision(Precision.BFLOAT16);
    }

    private static Predictor<byte[], List<Classification>> digits(ModelOptions options) throws IOException {
        try (ModelArchive archive = ModelArchive.open(TorchContractTest.fixture("digits/digits.mar"))) {
            return Predictor.builder(archive, ImageClassifier.of(archive))
                    .modelOptions(options)
                    .open();
        }
    }

    @Test
    void bfloat16_findsTheDigitsThatFloat32Finds() throws IOException {
        if (!CPU_HAS_BFLOAT16) {
            assertThatThrownBy(() -> digits(bfloat16().build()))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessage("cannot load digits.mar: this CPU has no instructions for bfloat16 (AVX512_BF16)");
            return;
        }
        int compared = 0;
        int moved = 0;
        try (Predictor<byte[], List<Classification>> exact = digits(ModelOptions.defaults());
                Predictor<byte[], List<Classification>> reduced =
                        digits(bfloat16().build());
                var images = Files.list(TorchContractTest.fixture("digits/images"))) {
            assertThat(reduced.plan().precision()).isEqualTo(Precision.BFLOAT16);
            for (Path image : images.sorted().toList()) {
                Classification right = exact.predict(Files.readAllBytes(image)).get(0);
                Classification found =
                        reduced.predict(Files.readAllBytes(image)).get(0);
                if (right.probability() > 0.6) {
                    assertThat(found.label()).isEqualTo(right.label());
                }
                assertThat(found.probability()).isCloseTo(right.probability(), within(0.1f));
                moved += found.probability() == right.probability() ? 0 : 1;
                compared++;
            }
        }
        assertThat(compared).isGreaterThanOrEqualTo(150);
        assertThat(moved).as("answers that show that it was bfloat16").isPositive();
    }

    /** Attention among it, with every kind of mask: LibTorch's own takes ten times as long as the rest of a transformer. */
    @TestFactory
    Stream<DynamicTest> bfloat16_answersWhatFloat32Does_withinItsDigits() {
        return CPU_HAS_BFLOAT16
                ? RecordedCases.replayed(
                        "layers/attention.json",
                        "bfloat16",
                        bfloat16()
                                .inputs(TensorSpec.of(DataType.FLOAT32, -1, 7, 16))
                                .build(),
                        (actual, expected) -> SameValue.check(actual, expected, 0.03f))
                : Stream.of();
    }

    /** With additions and activations behind them, infinities and what is not a number among what goes in. */
    @TestFactory
    Stream<DynamicTest> bfloat16_ofLinearLayers_answersWhatFloat32Does_withinItsDigits() {
        return CPU_HAS_BFLOAT16
                ? Stream.of(Optimization.FROZEN, Optimization.DIRECT)
                        .flatMap(way -> Stream.concat(
                                linear("layers/cases.json", 5, way, 0.06f),
                                linear("layers/products.json", 20, way, 0.2f)))
                : Stream.of();
    }

    private static Stream<DynamicTest> linear(String file, int columns, Optimization way, float tolerance) {
        float[] row = new float[columns];
        Arrays.fill(row, 0.5f);
        ModelOptions options = bfloat16()
                .optimization(way)
                .exampleInputs(Tensor.of(row, 1, columns))
                .build();
        return RecordedCases.replayed(
                        file,
                        "bfloat16 " + way,
                        options,
                        (actual, expected) -> SameValue.check(actual, expected, tolerance))
                .filter(test -> !test.getDisplayName().contains("int8/")
                        && !test.getDisplayName().contains("float64"));
    }

    /** Which have their weights in lists. */
    @TestFactory
    Stream<DynamicTest> bfloat16_ofRecurrentLayers_answersWhatFloat32Does_withinItsDigits() {
        return CPU_HAS_BFLOAT16
                ? Stream.of(Optimization.FROZEN, Optimization.DIRECT)
                        .flatMap(way -> RecordedCases.replayed(
                                        "recurrent/cases.json",
                                        "bfloat16 " + way,
                                        bfloat16()
                                                .optimization(way)
                                                .exampleInputs(Tensor.of(new float[36], 3, 2, 6))
                                                .build(),
                                        (actual, expected) -> SameValue.check(actual, expected, 0.06f))
                                .filter(test -> test.getDisplayName().contains(" layers/")))
                : Stream.of();
    }

    @TestFactory
    Stream<DynamicTest> float32_answersTheSame() {
        return RecordedCases.replayed("layers/attention.json", "torch", SameValue::check);
    }

    @Test
    void bfloat16_thatMovesTheAnswersTooFar_isRefused() {
        ModelOptions options = bfloat16().maxDeviation(1e-6).build();
        assertThatThrownBy(() -> digits(options))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining(
                        CPU_HAS_BFLOAT16 ? "at most 1.0E-6 of the largest number is allowed" : "AVX512_BF16");
    }

    @Test
    void bfloat16_ofAModuleWithState_isRefused() {
        ModelOptions options =
                bfloat16().inputs(TensorSpec.of(DataType.FLOAT32, 1, 2)).build();
        assertThatThrownBy(() -> Model.open(TorchContractTest.fixture("modules/contract-state.pt"), options))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining(CPU_HAS_BFLOAT16 ? "keeps state" : "AVX512_BF16");
    }

    @Test
    void bfloat16_onThePortableEngine_isRefused() {
        ModelOptions options = bfloat16().engine("torch-portable").build();
        assertThatThrownBy(() -> digits(options))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage(
                        "cannot load digits.mar: engine 'torch-portable' computes in the precision that a module was"
                                + " saved with, not in BFLOAT16");
    }
}
