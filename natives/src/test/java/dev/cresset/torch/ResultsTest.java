package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.BoundCall;
import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that are not what they seem: views that are still to be negated, zeros that are nowhere, values that are too deep. */
class ResultsTest {

    private static final int VERY_DEEP = 100_000;

    @ParameterizedTest
    @ValueSource(strings = {"torch", "torch-portable"})
    void lazyResults_areWhatTheyStandFor(String engine) throws IOException {
        try (Model model = open(engine);
                Tensor x = Tensor.of(new float[] {1, -2, 3, 4}, 4)) {
            assertThat(floats(model, "forward", x)).containsExactly(-1, 2, -3, -4);
            assertThat(floats(model, "imaginary", x)).containsExactly(-2, 4, -6, -8);
            assertThat(floats(model, "zeros", x)).containsExactly(0, 0, 0, 0);
            assertThat(floats(model, "transposed", x)).containsExactly(-1, -3, 2, -4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch", "torch-portable"})
    void lazyResults_inACollection_areWhatTheyStandFor(String engine) throws IOException {
        try (Model model = open(engine);
                Tensor x = Tensor.of(new float[] {1, -2, 3, 4}, 4);
                Value result = model.invoke("several", x)) {
            List<Value> parts = result.asList();
            assertThat(parts.get(0).asTensor().toFloatArray()).containsExactly(-1, 2, -3, -4);
            assertThat(parts.get(1).asList().get(0).asTensor().toFloatArray()).containsExactly(0, 0, 0, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"torch, negated", "torch, zeros", "torch-portable, negated", "torch-portable, zeros"})
    void lazyResults_bound_areWhatTheyStandFor(String engine, String which) throws IOException {
        try (Model model = Model.open(
                        Fixtures.path("modules/result-" + which + ".pt"),
                        ModelOptions.builder().engine(engine).build());
                Tensor x = Tensor.of(new float[] {1, -2, 3, 4}, 4);
                Tensor y = Tensor.of(new float[] {9, 9, 9, 9}, 4);
                BoundCall call = model.bind(List.of(x), List.of(y))) {
            call.run();
            assertThat(y.toFloatArray())
                    .containsExactly(which.equals("zeros") ? new float[4] : new float[] {-1, 2, -3, -4});
        }
    }

    @ParameterizedTest
    @CsvSource({
        "torch, complex, type Complex",
        "torch, sparse, layout Sparse",
        "torch, mkldnn, layout Mkldnn",
        "torch, quantized, type QInt8",
        "torch, device, Device",
        "torch-portable, complex, type Complex",
        "torch-portable, sparse, layout Sparse",
        "torch-portable, mkldnn, layout Mkldnn",
        "torch-portable, quantized, type QInt8",
        "torch-portable, device, Device"
    })
    void unreadableResult_isTheModelsFailure(String engine, String method, String what) throws IOException {
        try (Model model = open(engine);
                Tensor x = Tensor.of(new float[] {1, -2, 3, 4}, 4)) {
            assertThatThrownBy(() -> model.invoke(method, x))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining(what)
                    .hasMessageContaining("which Java cannot hold");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "torch, deep_list", "torch, deep_tuple", "torch, deep_dict",
        "torch-portable, deep_list", "torch-portable, deep_tuple", "torch-portable, deep_dict"
    })
    void deepResult_ofAHundredLevels_isAnswered(String engine, String method) throws IOException {
        try (Model model = open(engine);
                Value result = model.invoke(method, Value.of(1), Value.of(100))) {
            Value inner = result;
            for (int level = 0; level < 100; level++) {
                inner = inner instanceof Value.DictValue dict
                        ? dict.entries().values().iterator().next()
                        : inner.asList().get(0);
            }
            assertThat(inner).isEqualTo(Value.of(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch", "torch-portable"})
    void deepResult_isRefusedAndTheProcessLives(String engine, @TempDir Path folder) throws Exception {
        ChildJvm child = ChildJvm.run(
                Deep.class, ChildJvm::withoutFake, folder, "-Dcresset.cache=off", "-Dcresset.engine=" + engine);
        assertThat(child.output()).contains("survived");
        assertThat(child.exitCode()).isZero();
    }

    /** Asks for values of ever more levels. */
    static final class Deep {
        public static void main(String[] args) throws IOException {
            try (Model model = open(System.getProperty("cresset.engine"))) {
                for (String method : List.of("deep_list", "deep_tuple", "deep_dict")) {
                    for (int depth : new int[] {101, 5_000, 20_000, VERY_DEEP}) {
                        assertThatThrownBy(() -> model.invoke(method, Value.of(1), Value.of(depth)))
                                .isInstanceOf(ModelExecutionException.class)
                                .hasMessageContaining("nested deeper than 100");
                    }
                }
            }
            System.out.println("survived");
        }
    }

    @Test
    void failedTask_whoseSiblingStillReads_doesNotOutliveTheCall(@TempDir Path folder) throws Exception {
        ChildJvm child = ChildJvm.run(Forks.class, ChildJvm::withoutFake, folder, "-Dcresset.cache=off");
        assertThat(child.output()).contains("survived");
        assertThat(child.exitCode()).isZero();
    }

    /** Closes its input as soon as a call has failed. */
    static final class Forks {
        public static void main(String[] args) throws Exception {
            for (String engine : List.of("torch", "torch-portable")) {
                try (Model model = Model.open(
                        Fixtures.path("modules/tasks.pt"),
                        ModelOptions.builder().engine(engine).build())) {
                    for (int call = 0; call < 10; call++) {
                        try (Tensor x = Tensor.of(new float[4_000_000], 4_000_000)) {
                            assertThatThrownBy(() ->
                                            model.forward(x, Value.of(300)).close())
                                    .isInstanceOf(InferenceException.class)
                                    .hasMessageContaining("one task fails");
                        }
                    }
                }
            }
            System.out.println("survived");
        }
    }

    private static float[] floats(Model model, String method, Tensor x) {
        try (Value result = model.invoke(method, x)) {
            assertThat(result.asTensor().dataType()).isEqualTo(DataType.FLOAT32);
            return result.asTensor().toFloatArray();
        }
    }

    private static Model open(String engine) throws IOException {
        return Model.open(
                Fixtures.path("modules/results.pt"),
                ModelOptions.builder().engine(engine).build());
    }
}
