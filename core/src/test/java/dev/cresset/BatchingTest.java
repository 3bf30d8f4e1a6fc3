package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.internal.requests.DefaultWorkers;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What goes together, and what does not. The model doubles and notes its calls; {@link #GATE} waits in it for the gate. Two rows
 * of the first batch are run alone as well, to see that a batch answers no differently.
 */
@ExtendWith(OpenThings.class)
@Timeout(60)
class BatchingTest {

    private static final float GATE = 1000;

    /** Nobody who waits so long would be answered within this test's time. */
    private static final Duration FOR_EVER = Duration.ofHours(1);

    /** Longer than what a caller's thread runs itself. */
    private static final long SLOW_NANOS = 1_000_000;

    private final Queue<String> calls = new ConcurrentLinkedQueue<>();
    private final Semaphore inModel = new Semaphore(0);
    private final CountDownLatch gate = new CountDownLatch(1);

    /** Of the model that draws lots; its one worker's. */
    private int runsAlone;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void putModules() {
        FakeModules.put("noting", () -> module(0));
        FakeModules.put("slow", () -> module(SLOW_NANOS));
        FakeModules.put("stateful", () -> module(0).stateful());
        FakeModules.put("lots", this::drawing);
    }

    private FakeModule module(long nanos) {
        return new FakeModule()
                .method("forward", "x: Tensor", "Tensor", a -> doubled(a.get(0).asTensor(), nanos));
    }

    private Value doubled(Tensor x, long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        calls.add(
                x.shape()[0] + "x" + x.shape()[1] + " " + Thread.currentThread().getName());
        float[] data = x.toFloatArray();
        if (data[0] == GATE) {
            inModel.release();
            await();
        }
        for (int i = 0; i < data.length; i++) {
            data[i] = 2 * data[i];
        }
        return Tensor.of(data, x.shape());
    }

    private FakeModule drawing() {
        return new FakeModule()
                .method("forward", "x: Tensor", "Tensor", a -> withLot(a.get(0).asTensor()));
    }

    /** Lots that often fall alike: alone, every fifth answer differs from the four before it. */
    private Value withLot(Tensor x) {
        boolean isAlone = x.shape()[0] == 1;
        float lot = !isAlone ? 2 : runsAlone++ % 5 == 4 ? 1 : 0;
        Value doubled = doubled(x, 0);
        float[] data = doubled.asTensor().toFloatArray();
        doubled.close();
        for (int i = 0; i < data.length; i++) {
            data[i] += lot;
        }
        return Tensor.of(data, x.shape());
    }

    private void await() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many rows each call had, and how wide they were. */
    private List<String> shapes() {
        return calls.stream().map(call -> call.substring(0, call.indexOf(' '))).toList();
    }

    private static class Doubles implements Handler<float[], float[]> {
        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) {
            inputs.tensor(DataType.FLOAT32, request.length).copyFrom(request);
            return this::postprocess;
        }

        float[] postprocess(Value output) {
            return output.asTensor().toFloatArray();
        }
    }

    private ModelArchive archive(String module, String settings) throws IOException {
        return ModelArchive.open(TestArchives.write(
                folder.resolve("m.mar"),
                TestArchives.manifest(
                        "m", "none", "\"serializedFile\": \"model.pt\", \"configFile\": \"model-config.yaml\""),
                Map.of("model.pt", module, "model-config.yaml", settings)));
    }

    private Predictor<float[], float[]> open(String module, UnaryOperator<Predictor.Builder<float[], float[]>> more)
            throws IOException {
        try (ModelArchive archive = archive(module, "minWorkers: 1")) {
            return more.apply(Predictor.builder(archive, new Doubles()).workers(1))
                    .open();
        }
    }

    /** In the model, until the gate opens. */
    private CompletableFuture<float[]> occupy(Predictor<float[], float[]> predictor) throws InterruptedException {
        CompletableFuture<float[]> inside = predictor.predictAsync(new float[] {GATE});
        inModel.acquire();
        return inside;
    }

    private static List<CompletableFuture<float[]>> ask(Predictor<float[], float[]> predictor, float... requests) {
        List<CompletableFuture<float[]>> answers = new ArrayList<>();
        for (float request : requests) {
            answers.add(predictor.predictAsync(new float[] {request}));
        }
        return answers;
    }

    private static void join(List<CompletableFuture<float[]>> answers) {
        answers.forEach(CompletableFuture::join);
    }

    @Test
    void settings_ofTheArchive_count() throws Exception {
        try (ModelArchive archive = archive("noting", "batchSize: 3\nmaxBatchDelay: 7\n");
                Predictor<float[], float[]> asItSays =
                        Predictor.builder(archive, new Doubles()).workers(1).open();
                Predictor<float[], float[]> asWeSay = Predictor.builder(archive, new Doubles())
                        .batching(Batching.none())
                        .open()) {
            assertThat(asItSays.batching()).isEqualTo(new Batching(3, Duration.ofMillis(7)));
            assertThat(asWeSay.batching()).isEqualTo(Batching.none());

            CompletableFuture<float[]> inside = occupy(asItSays);
            List<CompletableFuture<float[]>> waiting = ask(asItSays, 1, 2, 3, 4);
            gate.countDown();
            join(waiting);
            inside.join();
            assertThat(shapes()).containsExactly("1x1", "3x1", "1x1", "1x1", "1x1");
        }
    }

    @Test
    void modulesWithState_andHandlersWhoseModelCountsNoItems_areNeverBatched() throws Exception {
        Doubles plain = new Doubles() {
            @Override
            public boolean isBatched() {
                return false;
            }
        };
        try (ModelArchive stateful = archive("stateful", "batchSize: 8");
                Predictor<float[], float[]> withState = Predictor.builder(stateful, new Doubles())
                        .batching(Batching.upTo(8))
                        .open();
                Predictor<float[], float[]> notCounted = Predictor.builder(stateful, plain)
                        .batching(Batching.upTo(8))
                        .open()) {
            assertThat(withState.batching().maxSize()).isEqualTo(1);
            assertThat(notCounted.batching().maxSize()).isEqualTo(1);
            CompletableFuture<float[]> inside = occupy(withState);
            List<CompletableFuture<float[]>> waiting = ask(withState, 1, 2);
            gate.countDown();
            join(waiting);
            inside.join();
            assertThat(shapes()).containsExactly("1x1", "1x1", "1x1");
        }
    }

    @Test
    void modelsThatDrawLots_stayInBatches_thoughTwoLotsFallAlike() throws Exception {
        try (Predictor<float[], float[]> predictor = open("lots", builder -> builder.batching(Batching.upTo(4)))) {
            CompletableFuture<float[]> inside = occupy(predictor);
            List<CompletableFuture<float[]>> waiting = ask(predictor, 1, 2, 3, 4, 5, 6, 7, 8);
            gate.countDown();
            join(waiting);
            inside.join();

            assertThat(shapes()).filteredOn("4x1"::equals).hasSize(2);
        }
    }

    @Test
    void delay_isNotALoneCallers() throws Exception {
        try (Predictor<float[], float[]> predictor =
                open("noting", builder -> builder.batching(Batching.upTo(8).within(FOR_EVER)))) {
            for (int i = 0; i < 3; i++) {
                assertThat(predictor.predict(new float[] {i})).containsExactly(2 * i);
                assertThat(predictor.predictAsync(new float[] {i}).join()).containsExactly(2 * i);
            }
        }
    }

    @Test
    void delay_waitsForAsManyAsCameTogetherLast_andNotLongerThanForOthers() throws Exception {
        try (Predictor<float[], float[]> predictor =
                open("noting", builder -> builder.batching(Batching.upTo(8).within(FOR_EVER)))) {
            CompletableFuture<float[]> inside = occupy(predictor);
            List<CompletableFuture<float[]>> together = ask(predictor, 1, 2, 3);
            gate.countDown();
            join(together);
            inside.join();

            join(ask(predictor, 4, 5, 6)); // the third ends the wait
            List<CompletableFuture<float[]>> two = ask(predictor, 7, 8);
            predictor.predictAsync(new float[] {9, 9}).join(); // of another shape: nobody waits while that is ready
            join(two);
            assertThat(shapes()).containsExactly("1x1", "3x1", "1x1", "1x1", "3x1", "2x1", "1x2");
        }
    }

    @Test
    void shapes_goTogetherWithTheirLike() throws Exception {
        try (Predictor<float[], float[]> predictor = open("noting", builder -> builder.batching(Batching.upTo(8)))) {
            CompletableFuture<float[]> inside = occupy(predictor);
            List<CompletableFuture<float[]>> answers = Stream.of(1, 2, 1, 3, 2, 1)
                    .map(width -> predictor.predictAsync(new float[width]))
                    .toList();
            gate.countDown();
            join(answers);
            inside.join();
            assertThat(answers.stream().map(answer -> answer.join().length)).containsExactly(1, 2, 1, 3, 2, 1);
            assertThat(shapes()).containsExactly("1x1", "3x1", "1x1", "1x1", "2x2", "1x3");
        }
    }

    /** The sizes that batches come in are 1, 2, 3 and 4; a slow model is run by workers' threads, so these are to be warm. */
    @Test
    void open_hasEveryWorkerMeetEverySize() throws Exception {
        float[] example = {1};
        try (Predictor<float[], float[]> predictor = open(
                "slow", builder -> builder.workers(2).batching(Batching.upTo(4)).example(example))) {
            int most = predictor.batching().maxSize(); // 4, unless the machine was very busy
            for (int worker = 1; worker <= 2; worker++) {
                for (int size = 1; size <= most; size++) {
                    assertThat(calls).contains(size + "x1 cresset-m.mar-" + worker);
                }
            }
            calls.clear();
            CompletableFuture<float[]> first = occupy(predictor);
            CompletableFuture<float[]> second = occupy(predictor);
            List<CompletableFuture<float[]>> waiting = ask(predictor, new float[most]);
            assertThat(predictor.metrics().running()).isEqualTo(2);
            assertThat(predictor.metrics().waiting()).isEqualTo(most);
            gate.countDown();
            join(waiting);
            join(List.of(first, second));
            assertThat(shapes()).containsExactlyInAnyOrder("1x1", "1x1", most + "x1", "1x1", "1x1");
        }
    }

    @Test
    void workers_areOneForEachPhysicalCore_unlessTheirPropertySaysMore() {
        int processors = Runtime.getRuntime().availableProcessors();
        assertThat(DefaultWorkers.byDefault(1)).isBetween(1, processors);
        assertThat(DefaultWorkers.byDefault(10_000)).isEqualTo(1);
        System.setProperty("cresset.workers", "3");
        try {
            assertThat(DefaultWorkers.byDefault(1)).isEqualTo(3);
        } finally {
            System.clearProperty("cresset.workers");
        }
    }
}
