package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hot path: a bound call answers right and allocates nothing. */
class BoundCallTest {

    private static final int CALLS = 20_000;

    @ParameterizedTest
    @EnumSource
    void run_allocatesNothing(Optimization way) throws IOException {
        ModelOptions options = ModelOptions.builder().optimization(way).build();
        try (Model mlp = Model.open(TorchContractTest.fixture("risk/mlp-16-32-32-4.pt"), options);
                Tensor x = Tensor.of(new float[16], 1, 16);
                Tensor y = Tensor.of(new float[4], 1, 4);
                BoundCall call = mlp.bind(List.of(x), List.of(y))) {
            requireNothingAllocated(call, x, y);
        }
    }

    @Test
    void run_ofSeveralInputsAndOutputs_allocatesNothing() throws IOException {
        try (Model structured = Model.open(TorchContractTest.fixture("modules/structured.pt"));
                Tensor x = Tensor.of(new float[6], 2, 3);
                Tensor y = Tensor.of(new float[6], 2, 3);
                Tensor scaled = Tensor.of(new float[6], 2, 3);
                Tensor sum = Tensor.of(new float[6], 2, 3);
                BoundCall call = structured.bind(List.of(Value.tuple(x, y), Value.of(3.0)), List.of(scaled, sum))) {
            requireNothingAllocated(call, x, sum);
            x.copyFrom(new float[] {1, 2, 3, 4, 5, 6});
            y.copyFrom(new float[] {10, 20, 30, 40, 50, 60});
            call.run();
            assertThat(scaled.toFloatArray()).containsExactly(3, 6, 9, 12, 15, 18);
            assertThat(sum.toFloatArray()).containsExactly(11, 22, 33, 44, 55, 66);
        }
    }

    private static void requireNothingAllocated(BoundCall call, Tensor input, Tensor output) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        FloatBuffer in = input.asFloatBuffer();
        FloatBuffer out = output.asFloatBuffer();
        float sum = 0;
        for (int i = 0; i < CALLS; i++) {
            sum += run(call, in, out, i);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            sum += run(call, in, out, i);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(sum).isFinite();
        // The measuring itself may allocate a little, once; a call must not.
        assertThat(allocated).isLessThan(CALLS / 10);
    }

    private static float run(BoundCall call, FloatBuffer in, FloatBuffer out, int i) {
        in.put(i % in.capacity(), i);
        call.run();
        return out.get(0);
    }
}
