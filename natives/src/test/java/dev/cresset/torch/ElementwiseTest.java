package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chains of element-wise operators, rows and numbers by their indexes, products of what a graph computes, and views give PyTorch's answers,
 * whatever the shapes, the types and the numbers, and however many threads there are.
 */
class ElementwiseTest {
    private static final List<String> FILES = List.of(
            "elementwise/chains.json", "elementwise/indexing.json", "elementwise/activations.json", "views/views.json");

    @TempDir
    Path folder;

    /** Other ways are LibTorch's own; it freezes and fuses numbers without dimensions to other types than Python's. */
    @TestFactory
    Stream<DynamicTest> direct() {
        return IntStream.rangeClosed(1, 2).boxed().flatMap(ElementwiseTest::computed);
    }

    /** The vectors of a CPU without AVX-512. */
    @Test
    void narrowVectors_areTheSame() throws IOException, InterruptedException {
        ChildJvm child = replayed("avx2");
        assertThat(child.output()).endsWith("all the same\n");
        assertThat(child.exitCode()).isZero();
    }

    /** Where a CPU has no kernels of ours, nothing is computed by them. */
    @Test
    void withoutKernels_theWayIsNotOffered() throws IOException, InterruptedException {
        assertThat(replayed("default").output()).contains("cannot compute this module DIRECT");
    }

    private ChildJvm replayed(String capability) throws IOException, InterruptedException {
        return ChildJvm.run(Map.of("ATEN_CPU_CAPABILITY", capability), Replays.class, entry -> true, folder);
    }

    private static Stream<DynamicTest> computed(int threads) {
        ModelOptions options = ModelOptions.builder()
                .engine("torch")
                .optimization(Optimization.DIRECT)
                .intraOpThreads(threads)
                .build();
        String name = "threads: " + threads;
        return FILES.stream().flatMap(file -> RecordedCases.replayed(file, name, options, ElementwiseTest::same));
    }

    /** Infinities and all; large numbers as near as float32 has them. */
    private static void same(Value actual, Value expected) {
        if (expected instanceof Tensor tensor && tensor.dataType() == DataType.FLOAT32) {
            assertThat(actual.asTensor().dataType()).isEqualTo(DataType.FLOAT32);
            assertThat(actual.asTensor().shape()).containsExactly(tensor.shape());
            float[] found = actual.asTensor().toFloatArray(), wanted = tensor.toFloatArray();
            for (int i = 0; i < wanted.length; i++) {
                boolean same = Float.compare(found[i], wanted[i]) == 0
                        || Math.abs(found[i] - wanted[i]) <= 1e-5f * Math.max(1, Math.abs(wanted[i]));
                assertThat(same)
                        .as("number %d is %s, expected %s", i, found[i], wanted[i])
                        .isTrue();
            }
        } else if (expected instanceof Value.ListValue list) {
            assertThat(actual.asList()).hasSameSizeAs(list.asList());
            for (int i = 0; i < list.asList().size(); i++) {
                same(actual.asList().get(i), list.asList().get(i));
            }
        } else {
            SameValue.check(actual, expected);
        }
    }

    /** All cases, in a process of its own. */
    static final class Replays {

        private Replays() {}

        /** Ends with words that say so if all are the same. */
        public static void main(String[] args) throws Throwable {
            for (int threads : IntStream.rangeClosed(1, 2).toArray()) {
                for (DynamicTest test : computed(threads).toList()) {
                    try {
                        test.getExecutable().execute();
                    } catch (AssertionError e) {
                        throw new AssertionError(test.getDisplayName(), e);
                    }
                }
            }
            System.out.println("all the same");
        }
    }
}
