package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.InferenceException;
import dev.cresset.Inputs;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.handler.TensorHandler;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelArchiveWriter;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thread pools: OpenBLAS never has one of its own beside OpenMP's, whatever is asked for, and every choice computes right. */
class ThreadsTest {

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void openBlas_worksOnItsCallersThread_whateverIsAskedFor() throws IOException {
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

    /** LibTorch gives a thread that it has not seen before as many threads as there are processors. */
    @Test
    void firstCallOfAThread_startsNoOtherThreads() throws Exception {
        ExecutorService caller = named("first-caller");
        try (Model model = busy(1)) {
            caller.submit(() -> call(model, 2)).get();
            assertThat(threadsNamed("first-caller")).isEqualTo(1);
        } finally {
            caller.shutdown();
        }
    }

    /** Loops that are compiled into the bridge ask LibTorch anew. */
    @Test
    void firstCallOfAThread_inLoopsOfOurOwn_startsNoOtherThreads() throws Exception {
        ExecutorService caller = named("own-loops");
        try (Model model = convolutions()) {
            caller.submit(() -> {
                        try (Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 512, 7, 7)) {
                            model.forward(x).close();
                        }
                    })
                    .get();
            assertThat(threadsNamed("own-loops")).isEqualTo(1);
        } finally {
            caller.shutdown();
        }
    }

    /** Freezing computes. */
    @Test
    void opening_startsNoMoreThreadsThanACall() throws Exception {
        ExecutorService caller = named("opener");
        try {
            caller.submit(() -> convolutions().close()).get();
            assertThat(threadsNamed("opener")).isEqualTo(1);
        } finally {
            caller.shutdown();
        }
    }

    /** 28 MB of them. */
    private static Model convolutions() {
        ModelOptions options = ModelOptions.builder()
                .engine("torch")
                .intraOpThreads(1)
                .optimization(Optimization.DIRECT_CHANNELS_LAST)
                .build();
        ArchiveLimits limits = ArchiveLimits.builder().maxCompressionRatio(2000).build();
        try (ModelArchive archive = ModelArchive.open(TorchContractTest.fixture("memory/deep.mar"), limits)) {
            return Model.open(archive, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aCall_startsNoMoreThreadsThanThereAreProcessors() throws Exception {
        ExecutorService caller = named("lone-caller");
        try (Model model = busy(8 * PROCESSORS)) {
            caller.submit(() -> call(model, 2)).get();
            assertThat(threadsNamed("lone-caller")).isEqualTo(PROCESSORS);
        } finally {
            caller.shutdown();
        }
    }

    @Test
    void aCall_startsNoThreadsForProcessorsThatAnotherUses() throws Exception {
        assumeThat(PROCESSORS).isGreaterThan(1);
        ExecutorService early = named("early-caller");
        ExecutorService late = named("late-caller");
        try (Model model = busy(PROCESSORS)) {
            Future<?> running = early.submit(() -> call(model, 3000));
            while (threadsNamed("early-caller") < PROCESSORS) {
                assertThat(running.isDone()).isFalse();
                Thread.onSpinWait();
            }
            late.submit(() -> call(model, 2)).get();
            assertThat(running.isDone()).as("both were called at once").isFalse();
            assertThat(threadsNamed("late-caller")).isEqualTo(1);

            running.get();
            late.submit(() -> call(model, 2)).get();
            assertThat(threadsNamed("late-caller")).isEqualTo(PROCESSORS);
        } finally {
            early.shutdown();
            late.shutdown();
        }
    }

    /** Whoever waited for its turn had taken what was left, one processor, and kept to it. */
    @Test
    void aCallThatWaitsForItsTurn_takesNoProcessorsYet() throws Exception {
        assumeThat(PROCESSORS).isGreaterThan(1);
        ExecutorService first = named("first-in-turn");
        ExecutorService next = named("next-in-turn");
        try (Model model = busy("busy-counter.pt", PROCESSORS)) {
            Future<?> running = first.submit(() -> call(model, 2000));
            while (threadsNamed("first-in-turn") < PROCESSORS) {
                assertThat(running.isDone()).isFalse();
                Thread.onSpinWait();
            }
            Future<?> waiting = next.submit(() -> call(model, 2));
            Thread.sleep(200);
            assertThat(running.isDone()).as("the next one waits").isFalse();
            running.get();
            waiting.get();
            assertThat(threadsNamed("next-in-turn")).isEqualTo(PROCESSORS);
        } finally {
            first.shutdown();
            next.shutdown();
        }
    }

    /** One call at a time had half of the processors wait whenever two threads had less to do than two calls. */
    @Test
    void aPredictorOfCallsOfSeveralThreads_runsAsManyAtOnceAsOneOfSingleThreads() throws Exception {
        assumeThat(PROCESSORS).isGreaterThan(1);
        Path packed = ModelArchiveWriter.builder("busy", "1.0", "base_handler")
                .serializedFile(TorchContractTest.fixture("modules/busy.pt"))
                .build()
                .write(folder);
        try (ModelArchive archive = ModelArchive.open(packed)) {
            assertThat(atOnce(archive, PROCESSORS)).isEqualTo(atOnce(archive, 1));
        }
    }

    private static int atOnce(ModelArchive archive, int intraOpThreads) throws Exception {
        ModelOptions options = ModelOptions.builder()
                .engine("torch")
                .intraOpThreads(intraOpThreads)
                .build();
        try (Predictor<Integer, Long> predictor =
                Predictor.builder(archive, new Rounds()).modelOptions(options).open()) {
            List<CompletableFuture<Long>> calls = new ArrayList<>();
            for (int i = 0; i <= PROCESSORS; i++) {
                calls.add(predictor.predictAsync(200));
            }
            int most = 0;
            while (!calls.stream().allMatch(CompletableFuture::isDone)) {
                most = Math.max(most, predictor.metrics().running());
                Thread.onSpinWait();
            }
            for (CompletableFuture<Long> call : calls) {
                assertThat(call.get()).isEqualTo(Rounds.NUMBERS);
            }
            return most;
        }
    }

    /** Asks for rounds. */
    private static final class Rounds implements Handler<Integer, Long> {
        private static final int NUMBERS = 100_000;

        @Override
        public Answer<Long> preprocess(Integer rounds, Inputs inputs) {
            inputs.tensor(DataType.FLOAT32, NUMBERS).asFloatBuffer().put(new float[NUMBERS]);
            inputs.value(Value.of(rounds));
            return this::postprocess;
        }

        @Override
        public boolean isBatched() {
            return false;
        }

        Long postprocess(Value output) {
            return output.asTensor().shape()[0];
        }
    }

    private static ExecutorService named(String name) {
        return Executors.newSingleThreadExecutor(task -> new Thread(task, name));
    }

    private static Model busy(int intraOpThreads) throws IOException {
        return busy("busy.pt", intraOpThreads);
    }

    private static Model busy(String module, int intraOpThreads) throws IOException {
        return Model.open(
                TorchContractTest.fixture("modules/" + module),
                ModelOptions.builder()
                        .engine("torch")
                        .intraOpThreads(intraOpThreads)
                        .build());
    }

    private static void call(Model model, int rounds) {
        try (Tensor x = Tensor.allocate(DataType.FLOAT32, 1_000_000)) {
            model.forward(x, Value.of(rounds)).close();
        }
    }

    /** A thread and those that OpenMP starts for it have one name. */
    private static long threadsNamed(String name) throws IOException {
        long found = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                found += nameOf(thread).equals(name) ? 1 : 0;
            }
        }
        return found;
    }

    private static String nameOf(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("comm")).strip();
        } catch (NoSuchFileException e) {
            return ""; // it has ended
        }
    }

    private static float[] answer(int intraOpThreads) throws IOException {
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
