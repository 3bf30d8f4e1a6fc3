package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Thread pools: OpenBLAS never has one of its own beside OpenMP's, whatever is asked for, and every choice computes right. */
class ThreadsTest {

    @Test
    void openBlas_worksOnItsCallersThread_whateverIsAskedFor() {
        for (int threads : new int[] {1, 2, 4}) {
            ModelOptions options = ModelOptions.builder()
                    .engine("torch")
                    .intraOpThreads(threads)
                    .build();
            try (Model model = Model.open(TorchContractTest.fixture("risk/mlp-16-32-32-4.pt"), options);
                    Tensor x = Tensor.allocate(DataType.FLOAT32, 4096, 16);
                    Value y = model.forward(x)) {
                assertThat(y.asTensor().shape()).containsExactly(4096, 4);
            }
        }
        assertThat(new BridgeProvider().open().facts()).containsEntry("OpenBLAS threads", "1");
    }

    @Test
    void everyChoiceOfThreads_computesTheSame() throws Exception {
        float[] expected = answer(1);
        for (int intraOp : new int[] {1, 2, 4}) {
            int callers = 3;
            ExecutorService pool = Executors.newFixedThreadPool(callers);
            try {
                List<Callable<float[]>> calls = new ArrayList<>();
                for (int i = 0; i < callers; i++) {
                    calls.add(() -> answer(intraOp));
                }
                for (Future<float[]> got : pool.invokeAll(calls)) {
                    assertThat(got.get()).containsExactly(expected, org.assertj.core.api.Assertions.within(1e-5f));
                }
            } finally {
                pool.shutdown();
            }
        }
    }

    private static float[] answer(int intraOpThreads) {
        ModelOptions options =
                ModelOptions.builder().intraOpThreads(intraOpThreads).build();
        float[] rows = new float[512 * 16];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) Math.sin(i);
        }
        try (Model model = Model.open(TorchContractTest.fixture("risk/mlp-16-32-32-4.pt"), options);
                Tensor x = Tensor.of(rows, 512, 16);
                Value y = model.forward(x)) {
            return y.asTensor().toFloatArray();
        }
    }
}
