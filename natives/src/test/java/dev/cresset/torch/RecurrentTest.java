package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Recurrent layers give PyTorch's answers whichever way they are computed, of which some are code of our own. */
class RecurrentTest {

    private static final String CASES = "recurrent/cases.json";

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everyWay() {
        return Stream.of(Optimization.values()).flatMap(way -> cases(way, 1));
    }

    /** One direction, or some of the rows, for each thread. */
    @TestFactory
    Stream<DynamicTest> withTwoThreads() {
        return cases(Optimization.DIRECT, 2);
    }

    @TestFactory
    Stream<DynamicTest> portable() {
        return RecordedCases.replayed(CASES, "torch-portable", RecurrentTest::same);
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

    private static Stream<DynamicTest> cases(Optimization way, int threads) {
        ModelOptions options = ModelOptions.builder()
                .engine("torch")
                .optimization(way)
                .intraOpThreads(threads)
                .build();
        return RecordedCases.replayed(CASES, way + ", threads: " + threads, options, RecurrentTest::same);
    }

    private static void same(Value actual, Value expected) {
        SameValue.check(actual, expected);
    }

    /** All cases, in a process of its own. */
    static final class Replays {

        private Replays() {}

        /** Ends with words that say so if all are the same. */
        public static void main(String[] args) throws Throwable {
            for (int threads : IntStream.rangeClosed(1, 2).toArray()) {
                for (DynamicTest test : cases(Optimization.DIRECT, threads).toList()) {
                    test.getExecutable().execute();
                }
            }
            System.out.println("all the same");
        }
    }
}
