package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Plan.Origin;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which way a model is computed: by what it is found to cost, on a clock of the test's own. */
@ExtendWith(OpenThings.class)
@Timeout(60)
class TunerTest {
    private final AtomicLong clock = new AtomicLong();
    private final List<Plan.Candidate> told = new ArrayList<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void keepPlansHere() {
        System.setProperty("cresset.cache", folder.resolve("cache").toString());
    }

    @AfterEach
    void forgetThem() {
        System.clearProperty("cresset.cache");
    }

    /** A module that doubles, and whose calls take a time of the clock. */
    private FakeModule doubling(long micros) {
        return module(micros, 2);
    }

    private FakeModule module(long micros, float factor) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            clock.addAndGet(micros * 1000);
            return times(arguments.get(0).asTensor(), factor);
        });
    }

    private static Tensor times(Tensor x, float factor) {
        float[] data = x.toFloatArray();
        for (int i = 0; i < data.length; i++) {
            data[i] *= factor;
        }
        return Tensor.of(data, x.shape());
    }

    private FakeModule failing(String reason) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            throw new EngineException(EngineException.Kind.EXECUTION, reason);
        });
    }

    private Model open(Supplier<FakeModule> module) throws IOException {
        return open(module, ModelOptions.builder().inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 3)));
    }

    private Model open(Supplier<FakeModule> module, ModelOptions.Builder options) throws IOException {
        FakeModules.put("tuned", module);
        Path file = Files.writeString(folder.resolve("tuned.pt"), "tuned");
        return Model.open(file, options.tuningListener(told::add).build(), clock::get);
    }

    private static float[] answer(Model model) {
        try (Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
                Value y = model.forward(x)) {
            return y.asTensor().toFloatArray();
        }
    }

    @Test
    void open_takesTheFastest() throws IOException {
        try (Model model = open(() -> doubling(100)
                .optimization(Optimization.FUSED, () -> doubling(40))
                .optimization(Optimization.CHANNELS_LAST, () -> doubling(30))
                .optimization(Optimization.FOR_INFERENCE, () -> doubling(80)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.CHANNELS_LAST);
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
            assertThat(model.plan().candidates())
                    .extracting(Plan.Candidate::toString)
                    .containsExactly(
                            "FROZEN 100.0 us", "FUSED 40.0 us", "CHANNELS_LAST 30.0 us", "FOR_INFERENCE 80.0 us");
            assertThat(told).isEqualTo(model.plan().candidates());
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }

    @Test
    void open_aLittleFasterIsNotWorthIt() throws IOException {
        try (Model model = open(() -> doubling(100).optimization(Optimization.FUSED, () -> doubling(97)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
        }
    }

    @Test
    void open_whatWouldComputeTheSame_isNotTimed() throws IOException {
        FakeModule module = doubling(100);
        module.optimization(Optimization.DIRECT_LINEAR, () -> module);
        try (Model model = open(() -> module)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().candidates().get(1).refusal())
                    .hasValue("nothing in the module would be computed so");
        }
    }

    @Test
    void open_whatAnswersWrongIsOut() throws IOException {
        try (Model model = open(() -> doubling(100).optimization(Optimization.FUSED, () -> module(1, 2.01f)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().candidates().get(1).refusal())
                    .hasValueSatisfying(refusal -> assertThat(refusal).startsWith("differs by 0.00"));
        }
    }

    @Test
    void open_whatThrowsIsOut() throws IOException {
        try (Model model = open(() -> doubling(100)
                .optimization(Optimization.FUSED, () -> failing("bad optional access"))
                .optimization(Optimization.CHANNELS_LAST, () -> {
                    throw new EngineException(EngineException.Kind.LOAD, "no convolutions");
                }))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan())
                    .asString()
                    .contains("FUSED fails: bad optional access", "CHANNELS_LAST cannot be made: no convolutions");
        }
    }

    @Test
    void open_aFrozenModuleThatAnswersWrongDoesNotServe() throws IOException {
        AtomicInteger loads = new AtomicInteger();
        try (Model model = open(() -> {
            FakeModule saved = doubling(100);
            return new FakeModule()
                    .method("forward", "x: Tensor", "Tensor", arguments -> {
                        boolean asSaved = loads.getAndIncrement() == 0;
                        return asSaved
                                ? saved.call("forward", arguments)
                                : times(arguments.get(0).asTensor(), 3);
                    })
                    .optimization(Optimization.FUSED, () -> module(100, 3));
        })) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.AS_IS);
            assertThat(model.plan().reason()).isEqualTo("no other way answers what the module answers");
        }
    }

    /** Frozen served, and every request had to fall back: "the time for tuning was over", said its plan. */
    @Test
    void open_aFrozenModuleThatFailsDoesNotServe() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        try (Model model = open(() -> {
            FakeModule saved = doubling(100);
            FakeModule frozen = failing("cannot be computed so");
            return new FakeModule()
                    .method(
                            "forward",
                            "x: Tensor",
                            "Tensor",
                            arguments -> (calls.getAndIncrement() == 0 ? saved : frozen).call("forward", arguments))
                    .optimization(Optimization.FUSED, () -> failing("nor so"));
        })) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.AS_IS);
            assertThat(model.plan().reason()).isEqualTo("no other way answers what the module answers");
        }
    }

    @Test
    void open_inBfloat16_takesTheFastestThatIsNearEnough() throws IOException {
        try (Model model = open(
                () -> doubling(100)
                        .bfloat16(() -> module(60, 2.02f)
                                .optimization(Optimization.CHANNELS_LAST, () -> module(30, 2.2f))
                                .optimization(Optimization.FUSED, () -> module(40, 2.01f))),
                reduced())) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FUSED);
            assertThat(model.plan().precision()).isEqualTo(Precision.BFLOAT16);
            assertThat(model.plan().candidates().get(2).refusal())
                    .hasValueSatisfying(refusal -> assertThat(refusal).startsWith("differs by"));
            assertThat(answer(model)).containsExactly(2.01f, 4.02f, 3 * 2.01f);
        }
    }

    @Test
    void open_inBfloat16_thatMovesTheAnswersTooFar_isRefusedWithFigures() {
        assertThatThrownBy(() -> open(
                        () -> doubling(100).bfloat16(() -> module(60, 2.2f)),
                        ModelOptions.builder()
                                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 1))
                                .precision(Precision.BFLOAT16)
                                .maxDeviation(0.01)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageMatching("cannot serve tuned.pt in BFLOAT16: on the samples it differs by [0-9.]+ where the"
                        + " largest number is [0-9.]+; at most 0.01 of the largest number is allowed"
                        + " \\(ModelOptions.maxDeviation\\)");
    }

    @Test
    void open_inBfloat16_withAChosenOptimization_isCheckedToo() {
        assertThatThrownBy(() -> open(
                        () -> doubling(100)
                                .bfloat16(() -> doubling(60).optimization(Optimization.FUSED, () -> module(60, 2.2f))),
                        reduced().optimization(Optimization.FUSED)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("differs by");
    }

    @Test
    void open_inBfloat16_withNothingToCompare_isRefused() {
        assertThatThrownBy(() -> open(
                        () -> doubling(100).bfloat16(() -> doubling(60)),
                        ModelOptions.builder().precision(Precision.BFLOAT16)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("cannot serve tuned.pt in BFLOAT16: there is nothing to compare its answers on; give"
                        + " ModelOptions.samples or inputs, or a handler with an example");
    }

    @Test
    void open_inBfloat16_onACpuWithoutIt_isRefused() {
        assertThatThrownBy(() -> open(() -> doubling(100), reduced()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("cannot load tuned.pt: this CPU has no instructions for bfloat16");
    }

    private static ModelOptions.Builder reduced() {
        return ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 3))
                .precision(Precision.BFLOAT16);
    }

    @Test
    void open_timeIsOver() throws IOException {
        ModelOptions.Builder options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 3))
                .tuningBudget(Duration.ofMillis(100));
        try (Model model = open(
                () -> doubling(20_000)
                        .optimization(Optimization.FUSED, () -> doubling(1))
                        .optimization(Optimization.CHANNELS_LAST, () -> doubling(1)),
                options)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan()).asString().contains("FUSED not tried: the time for tuning was over");
        }
        assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofMillis(300));
    }

    /** The plain module took eight runs of its own, and nothing else was tried: a large batch was computed in the slowest way. */
    @Test
    void open_callsOfSeconds_leaveTimeForTheMostPromising() throws IOException {
        try (Model model = open(() -> doubling(1_000_000)
                .optimization(Optimization.DIRECT_CONVOLUTION, () -> doubling(500_000))
                .optimization(Optimization.FUSED, () -> doubling(600_000)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CONVOLUTION);
            assertThat(model.plan().candidates())
                    .extracting(Plan.Candidate::toString)
                    .containsExactly("FROZEN 1,000,000.0 us", "DIRECT_CONVOLUTION 500,000.0 us", "FUSED 600,000.0 us");
        }
        assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void open_whatHasBegunWhenTimeIsOver_isFinishedIfItIsFaster() throws IOException {
        ModelOptions.Builder options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 3))
                .tuningBudget(Duration.ofMillis(3100));
        try (Model model = open(
                () -> doubling(1_000_000)
                        .optimization(Optimization.DIRECT_CONVOLUTION, () -> doubling(500_000))
                        .optimization(Optimization.FUSED, () -> doubling(1)),
                options)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CONVOLUTION);
            assertThat(model.plan()).asString().contains("FUSED not tried: the time for tuning was over");
        }
    }

    @Test
    void open_whatHasBegunWhenTimeIsOver_isLeftIfItIsSlower() throws IOException {
        ModelOptions.Builder options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 3))
                .tuningBudget(Duration.ofMillis(3100));
        try (Model model = open(
                () -> doubling(1_000_000).optimization(Optimization.DIRECT_CONVOLUTION, () -> doubling(9_000_000)),
                options)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan())
                    .asString()
                    .contains("DIRECT_CONVOLUTION not timed: the time for tuning was over, and it was slower");
        }
        assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofSeconds(13));
    }

    @Test
    void open_withoutInputsTriesNothing() throws IOException {
        try (Model model =
                open(() -> doubling(100).optimization(Optimization.FUSED, () -> doubling(1)), ModelOptions.builder())) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().origin()).isEqualTo(Origin.NOT_TUNED);
            assertThat(told).isEmpty();
        }
    }

    @Test
    void open_withASample() throws IOException {
        try (Tensor sample = Tensor.of(new float[] {1, 2}, 1, 2);
                Model model = open(
                        () -> doubling(100).optimization(Optimization.FUSED, () -> doubling(1)),
                        ModelOptions.builder().samples(sample))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FUSED);
        }
    }

    @Test
    void open_sampleThatTheModelFails() throws IOException {
        try (Model model =
                open(() -> failing("expected 4 columns").optimization(Optimization.FUSED, () -> doubling(1)))) {
            assertThat(model.plan().origin()).isEqualTo(Origin.NOT_TUNED);
            assertThat(model.plan().reason()).isEqualTo("the sample inputs fail: expected 4 columns");
        }
    }

    @Test
    void open_chosenInTheOptions() throws IOException {
        Supplier<FakeModule> module = () -> doubling(100).optimization(Optimization.FUSED, () -> doubling(200));
        for (Optimization chosen : List.of(Optimization.AS_IS, Optimization.FROZEN, Optimization.FUSED)) {
            try (Model model = open(module, ModelOptions.builder().optimization(chosen))) {
                assertThat(model.plan().optimization()).isEqualTo(chosen);
                assertThat(model.plan().origin()).isEqualTo(Origin.CHOSEN);
                assertThat(answer(model)).containsExactly(2, 4, 6);
            }
        }
    }

    @Test
    void open_chosenButNotOffered() {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> open(() -> doubling(1), ModelOptions.builder().optimization(Optimization.FUSED))))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("engine 'fake' cannot compute this module FUSED, only FROZEN");
    }

    @Test
    void open_remembersWhatWasTheFastest() throws IOException {
        AtomicInteger fused = new AtomicInteger();
        Supplier<FakeModule> module = () -> doubling(100)
                .optimization(Optimization.CHANNELS_LAST, () -> doubling(90))
                .optimization(Optimization.FUSED, () -> {
                    fused.incrementAndGet();
                    return doubling(10);
                });
        Plan first;
        try (Model model = open(module)) {
            first = model.plan();
        }
        told.clear();
        try (Model model = open(module)) {
            assertThat(model.plan().origin()).isEqualTo(Origin.REMEMBERED);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FUSED);
            assertThat(model.plan().candidates()).containsAll(first.candidates());
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
        assertThat(told).extracting(Plan.Candidate::optimization).containsExactly(Optimization.FUSED);
        assertThat(fused).hasValue(2);
    }

    @Test
    void open_remembersNothingOfAnotherModel() throws IOException {
        open(() -> doubling(100).optimization(Optimization.FUSED, () -> doubling(10)))
                .close();
        FakeModules.put("other", () -> doubling(100).optimization(Optimization.FUSED, () -> doubling(200)));
        Path other = Files.writeString(folder.resolve("tuned.pt"), "other");
        ModelOptions options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 3))
                .build();
        try (Model model = Model.open(other, options, clock::get)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
        }
    }

    @Test
    void open_rememberedOneThatAnswersWrongNow() throws IOException {
        open(() -> doubling(100).optimization(Optimization.FUSED, () -> doubling(10)))
                .close();
        try (Model model = open(() -> doubling(100).optimization(Optimization.FUSED, () -> module(10, 3)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().reason()).startsWith("what was the fastest before is out: FUSED differs by");
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }

    @Test
    void open_plansThatCannotBeRead() throws IOException {
        open(() -> doubling(100).optimization(Optimization.FUSED, () -> doubling(10)))
                .close();
        try (var plans = Files.list(folder.resolve("cache/plans"))) {
            for (Path plan : plans.toList()) {
                Files.writeString(plan, "optimization=\\u00zz");
            }
        }
        try (Model model = open(() -> doubling(100).optimization(Optimization.FUSED, () -> doubling(10)))) {
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
        }
    }

    @Test
    void open_cacheThatIsOff() throws IOException {
        System.setProperty("cresset.cache", "off");
        open(() -> doubling(100).optimization(Optimization.FUSED, () -> doubling(10)))
                .close();
        try (Model model = open(() -> doubling(100).optimization(Optimization.FUSED, () -> doubling(10)))) {
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
        }
        assertThat(folder.resolve("cache")).doesNotExist();
    }

    // ---- in service ----

    /** Faster, and fails from some call on. */
    private FakeModule failingAfter(AtomicInteger left) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            clock.addAndGet(1_000);
            if (left.decrementAndGet() < 0) {
                throw new EngineException(EngineException.Kind.EXECUTION, "bad optional access");
            }
            return times(arguments.get(0).asTensor(), 2);
        });
    }

    @Test
    void forward_whatTheFastOneFailsThePlainOneAnswers() throws IOException {
        AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        try (Model model = open(() -> doubling(100).optimization(Optimization.FUSED, () -> failingAfter(left)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FUSED);
            left.set(0);
            assertThat(answer(model)).containsExactly(2, 4, 6);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().origin()).isEqualTo(Origin.FALLEN_BACK);
            assertThat(model.plan().reason())
                    .isEqualTo("FUSED failed where the plain module did not: bad optional access");
            left.set(Integer.MAX_VALUE);
            long before = clock.get();
            assertThat(answer(model)).containsExactly(2, 4, 6);
            assertThat(clock.get() - before).as("computed plainly").isEqualTo(100_000);
        }
    }

    @Test
    void boundCall_whatTheFastOneFailsThePlainOneAnswers() throws IOException {
        AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        try (Model model = open(() -> doubling(100).optimization(Optimization.FUSED, () -> failingAfter(left)));
                Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 1, 3);
                Tensor z = Tensor.allocate(DataType.FLOAT32, 1, 3);
                BoundCall first = model.bind(List.of(x), List.of(y));
                BoundCall second = model.bind(List.of(x), List.of(z))) {
            first.run();
            left.set(0);
            y.copyFrom(new float[3]);
            first.run();
            assertThat(y.toFloatArray()).containsExactly(2, 4, 6);
            first.run();
            left.set(Integer.MAX_VALUE);
            long before = clock.get();
            second.run();
            assertThat(z.toFloatArray()).containsExactly(2, 4, 6);
            assertThat(clock.get() - before).as("computed plainly").isEqualTo(100_000);
        }
    }

    @Test
    void forward_whatBothFailIsTheInputsFault() throws IOException {
        AtomicInteger plain = new AtomicInteger(Integer.MAX_VALUE);
        AtomicInteger fast = new AtomicInteger(Integer.MAX_VALUE);
        try (Model model = open(() -> {
            FakeModule slow = new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
                clock.addAndGet(100_000);
                if (plain.decrementAndGet() < 0) {
                    throw new EngineException(EngineException.Kind.EXECUTION, "index out of range");
                }
                return times(arguments.get(0).asTensor(), 2);
            });
            return slow.optimization(Optimization.FUSED, () -> failingAfter(fast));
        })) {
            plain.set(0);
            fast.set(0);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> answer(model)))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("index out of range");
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FUSED);
            plain.set(Integer.MAX_VALUE);
            fast.set(Integer.MAX_VALUE);
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }
}
