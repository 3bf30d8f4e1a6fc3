package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InferenceException;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;
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

    /** Asked through the presets' own API, in the same libraries. */
    @Test
    void callersThread_afterItsCalls_isAsItWas() throws Exception {
        ModelOptions options =
                ModelOptions.builder().engine("torch").intraOpThreads(2).build();
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try (ModelArchive archive = ModelArchive.open(TorchContractTest.fixture("risk/risk.mar"));
                Predictor<float[], float[]> predictor = Predictor.builder(archive, TensorHandler.ofFloats())
                        .modelOptions(options)
                        .open()) {
            caller.submit(() -> {
                        int before = torch.get_num_threads();
                        predictor.predict(new float[30]);
                        assertThatThrownBy(() -> predictor.predict(new float[3]))
                                .isInstanceOf(InferenceException.class);
                        assertThat(InferenceMode.is_enabled()).isFalse();
                        assertThat(torch.get_num_threads()).isEqualTo(before);
                    })
                    .get();
        } finally {
            caller.shutdown();
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
