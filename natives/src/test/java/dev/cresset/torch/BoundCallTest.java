package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The hot path: a bound call answers right and allocates nothing. */
class BoundCallTest {

    private static final int CALLS = 20_000;

    @Test
    void run_allocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Model mlp = Model.open(TorchContractTest.fixture("risk/mlp-16-32-32-4.pt"));
                Tensor x = Tensor.of(new float[16], 1, 16);
                Tensor y = Tensor.of(new float[4], 1, 4);
                BoundCall call = mlp.bind(List.of(x), List.of(y))) {
            FloatBuffer in = x.asFloatBuffer();
            FloatBuffer out = y.asFloatBuffer();
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
    }

    private static float run(BoundCall call, FloatBuffer in, FloatBuffer out, int i) {
        in.put(i % 16, i);
        call.run();
        return out.get(0);
    }
}
