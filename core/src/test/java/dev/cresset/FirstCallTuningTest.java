package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Plan.Origin;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.engine.Optimization;
import dev.cresset.internal.tuning.Stopwatch;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A model that nothing was known of when it was opened, from its first call on. Ways cost what a clock of the test's says. */
@ExtendWith(OpenThings.class)
@Timeout(20)
class FirstCallTuningTest {
    private final AtomicLong clock = new AtomicLong();
    private final Stopwatch stopwatch = new Stopwatch(clock::get, clock::get);
    private final List<Plan.Candidate> told = Collections.synchronizedList(new ArrayList<>());

    /** How often the fast way was called. */
    private final AtomicInteger fast = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final String keptBefore = System.getProperty("cresset.cache", "off");

    @BeforeEach
    void keepPlansHere() {
        System.setProperty("cresset.cache", folder.resolve("cache").toString());
    }

    @AfterEach
    void keepThemAsBefore() {
        System.setProperty("cresset.cache", keptBefore);
    }

    private FakeModule doubling(long micros, Runnable first) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            first.run();
            clock.addAndGet(micros * 1000);
            return times(arguments.get(0).asTensor(), 2);
        });
    }

    private FakeModule twoWays(Runnable plain, Runnable direct) {
        return doubling(100, plain).optimization(Optimization.DIRECT, () -> doubling(10, direct));
    }

    private FakeModule twoWays() {
        return twoWays(() -> {}, fast::incrementAndGet);
    }

    private static Tensor times(Tensor x, float factor) {
        float[] data = x.toFloatArray();
        for (int i = 0; i < data.length; i++) {
            data[i] *= factor;
        }
        return Tensor.of(data, x.shape());
    }

    private Model open(FirstCallTuning when, Supplier<FakeModule> module) throws IOException {
        return open(ModelOptions.builder().firstCallTuning(when), module);
    }

    private Model open(ModelOptions.Builder options, Supplier<FakeModule> module) throws IOException {
        FakeModules.put("later", module);
        Path file = Files.writeString(folder.resolve("later.pt"), "later");
        return Model.open(file, options.tuningListener(told::add).build(), () -> stopwatch);
    }

    private static float[] answer(Model model) {
        try (Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
                Value y = model.forward(x)) {
            return y.asTensor().toFloatArray();
        }
    }

    private static void await(Supplier<Boolean> condition) {
        while (!condition.get()) {
            if (Thread.interrupted()) {
                throw new AssertionError("interrupted");
            }
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void open_withNothingToTry_isFrozenUntilItsFirstCall() throws IOException {
        try (Model model = open(FirstCallTuning.AT_THE_CALL, this::twoWays)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().origin()).isEqualTo(Origin.NOT_TUNED);
            assertThat(answer(model)).containsExactly(2, 4, 6);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
            assertThat(told).isEqualTo(model.plan().candidates()).hasSize(2);
            int before = fast.get();
            assertThat(answer(model)).containsExactly(2, 4, 6);
            assertThat(fast).hasValue(before + 1);
        }
    }

    @Test
    void inBackground_callsAreAnsweredWhileItIsTried() throws IOException {
        CountDownLatch tried = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (Model model = open(
                FirstCallTuning.IN_BACKGROUND,
                () -> twoWays(() -> {}, () -> {
                    tried.countDown();
                    await(goOn);
                }))) {
            assertThat(answer(model)).containsExactly(2, 4, 6);
            await(tried);
            assertThat(answer(model)).containsExactly(2, 4, 6);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            goOn.countDown();
            await(() -> model.plan().origin() == Origin.TUNED);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }

    @Test
    void default_isInBackground() {
        String set = System.clearProperty("cresset.firstCallTuning");
        try {
            assertThat(ModelOptions.defaults().firstCallTuning()).isEqualTo(FirstCallTuning.IN_BACKGROUND);
        } finally {
            System.setProperty("cresset.firstCallTuning", set == null ? "NONE" : set);
        }
    }

    @Test
    void whatWasFound_isFoundAtOnceByTheNextStart() throws IOException {
        try (Model model = open(FirstCallTuning.AT_THE_CALL, this::twoWays)) {
            answer(model);
        }
        told.clear();
        fast.set(0);
        try (Model model = open(FirstCallTuning.AT_THE_CALL, this::twoWays)) {
            answer(model);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            assertThat(told).hasSize(1);
            assertThat(fast).hasValueLessThan(10);
        }
    }

    @Test
    void boundCall_thatWasBoundBefore_runsTheFastWayOnceItIsFound() throws IOException {
        try (Model model = open(FirstCallTuning.AT_THE_CALL, this::twoWays);
                Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
                Tensor y = Tensor.of(new float[3], 1, 3);
                BoundCall call = model.bind(List.of(x), List.of(y))) {
            call.run();
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            int before = fast.get();
            x.copyFrom(new float[] {4, 5, 6});
            call.run();
            assertThat(fast).hasValue(before + 1);
            assertThat(y.toFloatArray()).containsExactly(8, 10, 12);
            call.run();
            assertThat(fast).hasValue(before + 2);
        }
    }

    @Test
    void boundCall_thatWasBoundBefore_isAnsweredPlainlyWhenTheFastWayFails() throws IOException {
        AtomicBoolean broken = new AtomicBoolean();
        try (Model model = open(
                        FirstCallTuning.AT_THE_CALL,
                        () -> twoWays(() -> {}, () -> {
                            if (broken.get()) {
                                throw new EngineException(EngineException.Kind.EXECUTION, "no kernel");
                            }
                        }));
                Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
                Tensor y = Tensor.of(new float[3], 1, 3);
                BoundCall call = model.bind(List.of(x), List.of(y))) {
            call.run();
            broken.set(true);
            call.run();
            assertThat(y.toFloatArray()).containsExactly(2, 4, 6);
            assertThat(model.plan().origin()).isEqualTo(Origin.FALLEN_BACK);
            call.run();
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }

    @Test
    void aCallThatFails_isNoneToTryWith() throws IOException {
        AtomicBoolean fails = new AtomicBoolean(true);
        Runnable check = () -> {
            if (fails.get()) {
                throw new EngineException(EngineException.Kind.EXECUTION, "expected 4 columns");
            }
        };
        try (Model model = open(FirstCallTuning.AT_THE_CALL, () -> twoWays(check, fast::incrementAndGet))) {
            assertThatThrownBy(() -> answer(model)).isInstanceOf(ModelExecutionException.class);
            assertThat(told).isEmpty();
            fails.set(false);
            assertThat(answer(model)).containsExactly(2, 4, 6);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
        }
    }

    @Test
    void aWayThatAnswersOtherwise_isNotTaken() throws IOException {
        try (Model model = open(
                FirstCallTuning.AT_THE_CALL,
                () -> doubling(100, () -> {})
                        .optimization(
                                Optimization.DIRECT,
                                () -> new FakeModule()
                                        .method(
                                                "forward",
                                                "x: Tensor",
                                                "Tensor",
                                                arguments ->
                                                        times(arguments.get(0).asTensor(), 2.1f))))) {
            answer(model);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().candidates().get(1).refusal()).isPresent();
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }

    @Test
    void whereItIsSwitchedOff_nothingIsTried() throws IOException {
        for (ModelOptions.Builder options : List.of(
                ModelOptions.builder().firstCallTuning(FirstCallTuning.NONE),
                ModelOptions.builder()
                        .firstCallTuning(FirstCallTuning.AT_THE_CALL)
                        .tuningBudget(Duration.ZERO),
                ModelOptions.builder()
                        .firstCallTuning(FirstCallTuning.AT_THE_CALL)
                        .optimization(Optimization.FROZEN))) {
            try (Model model = open(options, this::twoWays)) {
                answer(model);
                assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            }
        }
        assertThat(told).isEmpty();
    }

    @Test
    void aModelWithAState_isNotTried() throws IOException {
        try (Model model = open(FirstCallTuning.AT_THE_CALL, () -> twoWays().stateful())) {
            answer(model);
            assertThat(told).isEmpty();
        }
    }

    /** The tensors are the caller's again when the call returns. */
    @Test
    void inBackground_triesCopiesOfTheFirstInputs() throws IOException {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<float[]> seen = new AtomicReference<>(new float[0]);
        FakeModule module = new FakeModule()
                .method("forward", "x: Tensor", "Tensor", arguments -> {
                    if (calls.incrementAndGet() == 2) {
                        await(goOn);
                        seen.set(arguments.get(0).asTensor().toFloatArray());
                    }
                    clock.addAndGet(100_000);
                    return times(arguments.get(0).asTensor(), 2);
                })
                .optimization(Optimization.DIRECT, () -> doubling(10, () -> {}));
        try (Model model = open(FirstCallTuning.IN_BACKGROUND, () -> module)) {
            try (Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3)) {
                model.forward(x).close();
                x.copyFrom(new float[] {7, 7, 7});
            }
            goOn.countDown();
            await(() -> model.plan().origin() == Origin.TUNED);
        }
        assertThat(told).hasSize(2);
        assertThat(seen.get()).containsExactly(1, 2, 3);
    }

    @Test
    void close_whileItIsTried_waitsForTheCallThatRuns() throws Exception {
        CountDownLatch tried = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Model model = open(
                FirstCallTuning.IN_BACKGROUND,
                () -> twoWays(() -> {}, () -> {
                    tried.countDown();
                    await(goOn);
                }));
        answer(model);
        await(tried);
        Thread closer = new Thread(model::close);
        closer.start();
        await(() -> closer.getState() == Thread.State.WAITING);
        goOn.countDown();
        closer.join();
        assertThat(told).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void close_beforeAnyCall_isNothingSpecial() throws IOException {
        open(FirstCallTuning.IN_BACKGROUND, this::twoWays).close();
        assertThat(told).isEmpty();
    }

    @Test
    void close_byAListener_doesNotWaitForItself() throws Exception {
        CompletableFuture<Model> opened = new CompletableFuture<>();
        CountDownLatch closed = new CountDownLatch(1);
        FakeModules.put("later", this::twoWays);
        Path file = Files.writeString(folder.resolve("later.pt"), "later");
        ModelOptions options = ModelOptions.builder()
                .firstCallTuning(FirstCallTuning.IN_BACKGROUND)
                .tuningListener(candidate -> {
                    opened.join().close();
                    closed.countDown();
                })
                .build();
        Model model = Model.open(file, options, () -> stopwatch);
        answer(model);
        opened.complete(model);
        await(closed);
        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("cresset-tuning later.pt")));
    }

    /** One of them tries, the others are answered. */
    @Test
    void manyFirstCalls_atTheCall_areTriedOnce() throws Exception {
        try (Model model = open(FirstCallTuning.AT_THE_CALL, this::twoWays)) {
            List<Thread> callers = new ArrayList<>();
            List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
            for (int i = 0; i < 8; i++) {
                Thread caller = new Thread(() -> {
                    for (int call = 0; call < 50; call++) {
                        assertThat(answer(model)).containsExactly(2, 4, 6);
                    }
                });
                caller.setUncaughtExceptionHandler((thread, e) -> failures.add(e));
                callers.add(caller);
                caller.start();
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(failures).isEmpty();
            assertThat(told).hasSize(2);
        }
    }
}
