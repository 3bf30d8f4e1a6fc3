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
import dev.cresset.internal.tuning.Stopwatch;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
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
    private final AtomicLong stolen = new AtomicLong();
    private final Stopwatch stopwatch = new Stopwatch(() -> clock.get() + stolen.get(), clock::get);
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
        System.setProperty("cresset.cache", "off"); // as the build has it
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
        return Model.open(file, options.tuningListener(told::add).build(), () -> stopwatch);
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
                .optimization(Optimization.DIRECT, () -> doubling(40))
                .optimization(Optimization.CHANNELS_LAST, () -> doubling(30))
                .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> doubling(80)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.CHANNELS_LAST);
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
            assertThat(model.plan().candidates())
                    .extracting(Plan.Candidate::toString)
                    .containsExactly(
                            "FROZEN 100.0 us",
                            "DIRECT_CHANNELS_LAST 80.0 us",
                            "DIRECT 40.0 us",
                            "CHANNELS_LAST 30.0 us");
            assertThat(told).isEqualTo(model.plan().candidates());
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }

    @Test
    void open_aLittleFasterIsNotWorthIt() throws IOException {
        try (Model model = open(() -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(97)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
        }
    }

    @Test
    void open_whatWouldComputeTheSame_isNotTimed() throws IOException {
        FakeModule module = doubling(100);
        module.optimization(Optimization.DIRECT, () -> module);
        try (Model model = open(() -> module)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().candidates().get(1).refusal())
                    .hasValue("nothing in the module would be computed so");
        }
    }

    @Test
    void open_whatAnswersWrongIsOut() throws IOException {
        try (Model model = open(() -> doubling(100).optimization(Optimization.DIRECT, () -> module(1, 2.01f)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().candidates().get(1).refusal())
                    .hasValueSatisfying(refusal -> assertThat(refusal).startsWith("differs by 0.00"));
        }
    }

    @Test
    void open_whatThrowsIsOut() throws IOException {
        try (Model model = open(() -> doubling(100)
                .optimization(Optimization.DIRECT, () -> failing("bad optional access"))
                .optimization(Optimization.CHANNELS_LAST, () -> {
                    throw new EngineException(EngineException.Kind.LOAD, "no convolutions");
                }))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan())
                    .asString()
                    .contains("DIRECT fails: bad optional access", "CHANNELS_LAST cannot be made: no convolutions");
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
                    .optimization(Optimization.DIRECT, () -> module(100, 3));
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
                    .optimization(Optimization.DIRECT, () -> failing("nor so"));
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
                                .optimization(Optimization.DIRECT, () -> module(40, 2.01f))),
                reduced())) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
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
    void open_inBfloat16_thatCannotBeComputed_saysWhyAndTheWayOut() {
        assertThatThrownBy(() -> open(
                        () -> doubling(100)
                                .bfloat16(() -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                                    throw new EngineException(EngineException.Kind.EXECUTION, "mixed dtype");
                                })),
                        reduced()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage("cannot serve tuned.pt in BFLOAT16: the samples fail: mixed dtype; use Precision.AS_SAVED");
    }

    @Test
    void open_inBfloat16_withAChosenOptimization_isCheckedToo() {
        assertThatThrownBy(() -> open(
                        () -> doubling(100)
                                .bfloat16(() -> doubling(60).optimization(Optimization.DIRECT, () -> module(60, 2.2f))),
                        reduced().optimization(Optimization.DIRECT)))
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
                        + " ModelOptions.exampleInputs or inputs, or a handler with an example");
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
                        .optimization(Optimization.DIRECT, () -> doubling(1))
                        .optimization(Optimization.CHANNELS_LAST, () -> doubling(1)),
                options)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan()).asString().contains("DIRECT not tried: the time for tuning was over");
        }
        assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofMillis(300));
    }

    /** The plain module took eight runs of its own, and nothing else was tried: a large batch was computed in the slowest way. */
    @Test
    void open_callsOfSeconds_leaveTimeForTheMostPromising() throws IOException {
        try (Model model = open(() -> doubling(1_000_000)
                .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> doubling(500_000))
                .optimization(Optimization.DIRECT, () -> doubling(600_000)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
            assertThat(model.plan().candidates())
                    .extracting(Plan.Candidate::toString)
                    .startsWith("FROZEN 1,000,000.0 us", "DIRECT_CHANNELS_LAST 500,000.0 us");
            assertThat(model.plan().reason())
                    .endsWith("without time to try infinity, a number near the type's largest, negative infinity,"
                            + " negative zero and a denormal number");
        }
        assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofSeconds(11));
    }

    @Test
    void open_whatHasBegunWhenTimeIsOver_isFinishedIfItIsFaster() throws IOException {
        ModelOptions.Builder options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 3))
                .tuningBudget(Duration.ofMillis(3100));
        try (Model model = open(
                () -> doubling(1_000_000)
                        .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> doubling(500_000))
                        .optimization(Optimization.DIRECT, () -> doubling(1)),
                options)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
            assertThat(model.plan()).asString().contains("DIRECT not tried: the time for tuning was over");
        }
    }

    @Test
    void open_whatHasBegunWhenTimeIsOver_isLeftIfItIsSlower() throws IOException {
        ModelOptions.Builder options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 3))
                .tuningBudget(Duration.ofMillis(3100));
        try (Model model = open(
                () -> doubling(1_000_000).optimization(Optimization.DIRECT_CHANNELS_LAST, () -> doubling(9_000_000)),
                options)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan())
                    .asString()
                    .contains("DIRECT_CHANNELS_LAST not timed: the time for tuning was over, and it was slower");
        }
        assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofSeconds(13));
    }

    @Test
    void open_withoutInputsTriesNothing() throws IOException {
        try (Model model = open(
                () -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(1)), ModelOptions.builder())) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().origin()).isEqualTo(Origin.NOT_TUNED);
            assertThat(told).isEmpty();
        }
    }

    @Test
    void open_withASample() throws IOException {
        try (Tensor sample = Tensor.of(new float[] {1, 2}, 1, 2);
                Model model = open(
                        () -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(1)),
                        ModelOptions.builder().exampleInputs(sample))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
        }
    }

    @Test
    void open_sampleThatTheModelFails() throws IOException {
        try (Model model =
                open(() -> failing("expected 4 columns").optimization(Optimization.DIRECT, () -> doubling(1)))) {
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
        assertThatThrownBy(() -> open(() -> doubling(1), ModelOptions.builder().optimization(Optimization.DIRECT)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("engine 'fake' cannot compute this module DIRECT, only FROZEN");
    }

    @Test
    void open_chosenWhereNoOtherWayIsOffered_namesTheOnlyOne() {
        assertThatThrownBy(() -> open(() -> doubling(1), ModelOptions.builder().optimization(Optimization.DIRECT)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageEndingWith("cannot compute this module DIRECT, only FROZEN; choose that, or none");
    }

    @Test
    void open_remembersWhatWasTheFastest() throws IOException {
        AtomicInteger fused = new AtomicInteger();
        Supplier<FakeModule> module = () -> doubling(100)
                .optimization(Optimization.CHANNELS_LAST, () -> doubling(90))
                .optimization(Optimization.DIRECT, () -> {
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
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            assertThat(model.plan().candidates()).containsAll(first.candidates());
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
        assertThat(told).extracting(Plan.Candidate::optimization).containsExactly(Optimization.DIRECT);
        assertThat(fused).hasValue(2);
    }

    /** Each call is a slow one here: four runs say enough of what takes more than twice as long. */
    @Test
    void open_aSlowWayThatIsFarFromTheFastest_isNotTimedAgainstIt() throws IOException {
        AtomicInteger near = new AtomicInteger();
        AtomicInteger far = new AtomicInteger();
        open(() -> doubling(20_000)
                        .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> slow(10_000, new AtomicInteger()))
                        .optimization(Optimization.DIRECT, () -> slow(15_000, near))
                        .optimization(Optimization.CHANNELS_LAST, () -> slow(30_000, far)))
                .close();
        assertThat(far).hasValue(4);
        assertThat(near).hasValueGreaterThan(4);
        assertThat(told).extracting(Plan.Candidate::time).doesNotContain(Optional.empty());
    }

    private FakeModule slow(long micros, AtomicInteger calls) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            calls.incrementAndGet();
            clock.addAndGet(micros * 1000);
            return times(arguments.get(0).asTensor(), 2);
        });
    }

    @Test
    void open_remembered_isHeldToWhatTheModuleAnsweredThen() throws IOException {
        AtomicInteger frozen = new AtomicInteger();
        AtomicInteger direct = new AtomicInteger();
        Supplier<FakeModule> module =
                () -> counted(frozen, 2).optimization(Optimization.DIRECT, () -> counted(direct, 2));
        rememberDirect(module);
        frozen.set(0);
        direct.set(0);
        try (Model model = open(module)) {
            assertThat(model.plan().origin()).isEqualTo(Origin.REMEMBERED);
            assertThat(frozen).as("calls of the frozen module").hasValue(0);
            assertThat(direct).as("a call may get ready in its first runs").hasValue(3);
        }
    }

    @Test
    void open_rememberedButWrongNow_isComputedPlainly() throws IOException {
        AtomicInteger frozen = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        rememberDirect(() -> counted(frozen, 2).optimization(Optimization.DIRECT, () -> counted(calls, 2)));
        frozen.set(0);
        try (Model model = open(() -> counted(frozen, 2).optimization(Optimization.DIRECT, () -> counted(calls, 3)))) {
            assertThat(model.plan().reason()).startsWith("what was the fastest before is out: DIRECT");
            assertThat(frozen).as("the module itself has the last word").hasValue(1);
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }

    @Test
    void open_rememberedWithoutItsAnswer_isHeldToTheFrozenModule() throws IOException {
        AtomicInteger frozen = new AtomicInteger();
        Supplier<FakeModule> module =
                () -> counted(frozen, 2).optimization(Optimization.DIRECT, () -> counted(new AtomicInteger(), 2));
        rememberDirect(module);
        try (var plans = Files.list(folder.resolve("cache/plans"))) {
            for (Path plan : plans.toList()) {
                Files.writeString(plan, Files.readString(plan).replaceAll("answered=.*", ""));
            }
        }
        frozen.set(0);
        try (Model model = open(module)) {
            assertThat(model.plan().origin()).isEqualTo(Origin.REMEMBERED);
            assertThat(frozen).hasValue(1);
        }
    }

    /** Two ways that count their calls take no time here: which is remembered is written into the plan. */
    private void rememberDirect(Supplier<FakeModule> module) throws IOException {
        open(module).close();
        try (var plans = Files.list(folder.resolve("cache/plans"))) {
            for (Path plan : plans.toList()) {
                Files.writeString(
                        plan,
                        Files.readString(plan)
                                .replaceAll("optimization=.*", "optimization=DIRECT")
                                .replaceAll("disturbed=.*", "disturbed=false"));
            }
        }
    }

    private FakeModule counted(AtomicInteger calls, float factor) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            calls.incrementAndGet();
            clock.addAndGet(10_000);
            return times(arguments.get(0).asTensor(), factor);
        });
    }

    @Test
    void open_remembersNothingOfAnotherModel() throws IOException {
        open(() -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(10)))
                .close();
        FakeModules.put("other", () -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(200)));
        Path other = Files.writeString(folder.resolve("tuned.pt"), "other");
        ModelOptions options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 3))
                .build();
        try (Model model = Model.open(other, options, () -> stopwatch)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
        }
    }

    @Test
    void open_rememberedOneThatAnswersWrongNow() throws IOException {
        open(() -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(10)))
                .close();
        try (Model model = open(() -> doubling(100).optimization(Optimization.DIRECT, () -> module(10, 3)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().reason()).startsWith("what was the fastest before is out: DIRECT differs by");
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }

    @Test
    void open_plansThatCannotBeRead() throws IOException {
        open(() -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(10)))
                .close();
        try (var plans = Files.list(folder.resolve("cache/plans"))) {
            for (Path plan : plans.toList()) {
                Files.writeString(plan, "optimization=\\u00zz");
            }
        }
        try (Model model = open(() -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(10)))) {
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
        }
    }

    @Test
    void open_cacheThatIsOff() throws IOException {
        System.setProperty("cresset.cache", "off");
        open(() -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(10)))
                .close();
        try (Model model = open(() -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(10)))) {
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
        }
        assertThat(folder.resolve("cache")).doesNotExist();
    }

    // ---- ways that are only taken by name ----

    @Test
    void open_whatDoesNotKeepEveryAnswer_isNotEvenTried() throws IOException {
        for (Optimization way : Optimization.values()) {
            if (way.keepsEveryAnswer()) {
                continue;
            }
            try (Model model = open(() -> doubling(100).optimization(way, () -> {
                throw new AssertionError(way + " was made");
            }))) {
                assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            }
        }
    }

    /** As it was chosen by an earlier version: fusion ends the process on some models. */
    @Test
    void open_aRememberedWayThatDoesNotKeepEveryAnswer_isForgotten() throws IOException {
        Supplier<FakeModule> module = () -> doubling(100)
                .optimization(Optimization.DIRECT, () -> doubling(50))
                .optimization(Optimization.FUSED, () -> {
                    throw new AssertionError("FUSED was made");
                });
        open(module).close();
        try (var plans = Files.list(folder.resolve("cache/plans"))) {
            for (Path plan : plans.toList()) {
                Files.writeString(plan, """
                        optimization=FUSED
                        precision=AS_SAVED
                        FUSED=1000
                        FROZEN=90000
                        """);
            }
        }
        try (Model model = open(module)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
        }
    }

    // ---- odd numbers ----

    private interface Change {
        void change(float[] x);
    }

    private FakeModule changing(long micros, Change change) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            clock.addAndGet(micros * 1000);
            float[] data = arguments.get(0).asTensor().toFloatArray();
            change.change(data);
            return Tensor.of(data, arguments.get(0).asTensor().shape());
        });
    }

    private Model openWide(Change module, Change way) throws IOException {
        return open(
                () -> changing(100, module).optimization(Optimization.DIRECT, () -> changing(10, way)),
                ModelOptions.builder().inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 100)));
    }

    private static void each(float[] x, DoubleUnaryOperator function) {
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) function.applyAsDouble(x[i]);
        }
    }

    private void assertRefused(String reason, Change module, Change way) throws IOException {
        try (Model model = openWide(module, way)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().candidates().get(1).refusal())
                    .hasValueSatisfying(refusal -> assertThat(refusal).contains(reason));
        }
    }

    private void assertTaken(Change module, Change way) throws IOException {
        try (Model model = openWide(module, way)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
        }
    }

    @Test
    void open_aWayThatDropsNan() throws IOException {
        assertRefused(
                "answers 0.0 for NaN where an input holds NaN",
                x -> each(x, v -> Math.max(v, 0)),
                x -> each(x, v -> v > 0 ? v : 0));
    }

    @Test
    void open_aWayThatSpreadsNan() throws IOException {
        assertRefused("where an input holds NaN", x -> {}, x -> {
            for (int i = x.length - 1; i > 0; i--) {
                x[i] = x[i] + 0 * x[i - 1];
            }
        });
    }

    /** Winograd's algorithm adds neighbours to a pixel and takes them away again: what is left of the pixel is rounded. */
    @Test
    void open_aWayThatDrownsTheNeighboursOfAnOutlier() throws IOException {
        assertRefused("where an input holds an outlier", x -> {}, x -> {
            for (int i = x.length - 1; i > 0; i--) {
                x[i] = Float.isFinite(x[i - 1]) ? x[i] + x[i - 1] - x[i - 1] : x[i];
            }
        });
    }

    @Test
    void open_aWayThatMakesNanOfInfinity() throws IOException {
        assertRefused(
                "answers NaN for Infinity where an input holds infinity",
                x -> {},
                x -> each(x, v -> Double.isInfinite(v) ? Double.NaN : v));
    }

    @Test
    void open_aWayThatOverflowsNearTheLargest() throws IOException {
        assertRefused(
                "where an input holds a number near the type's largest",
                x -> {},
                x -> each(x, v -> (float) (v * 10_000) / 10_000));
    }

    @Test
    void open_aWayThatLosesTheSignOfZero() throws IOException {
        assertRefused(
                "answers Infinity for -Infinity where an input holds negative zero",
                x -> each(x, v -> 1 / v),
                x -> each(x, v -> 1 / (v + 0.0)));
    }

    /** Beside an outlier a sum is rounded by as much as the outlier is large, in one order as in the other. */
    @Test
    void open_aWayThatRoundsDifferentlyWhereAnOutlierReaches() throws IOException {
        Change forwards = x -> {
            float sum = 0;
            for (float v : x) {
                sum += v;
            }
            Arrays.fill(x, sum);
        };
        Change backwards = x -> {
            float sum = 0;
            for (int i = x.length - 1; i >= 0; i--) {
                sum += x[i];
            }
            Arrays.fill(x, sum);
        };
        assertTaken(forwards, backwards);
    }

    /** Whether a sum overflows depends on its order. */
    @Test
    void open_aWayThatDoesNotOverflowWhereTheModuleDoes() throws IOException {
        assertTaken(x -> each(x, v -> (float) (v * 100_000) / 1000), x -> each(x, v -> v * 100));
    }

    @Test
    void open_aWayThatIsRoundedAnewWhereAnOutlierDoesNotReach() throws IOException {
        assertTaken(x -> {}, x -> {
            boolean guarded = false;
            for (float v : x) {
                guarded |= Math.abs(v) > 1000;
            }
            float rounding = guarded ? 1 : 1 + 0x1p-22f;
            each(x, v -> v * rounding);
        });
    }

    @Test
    void open_oddNumbersThatTheModuleItselfRefuses() throws IOException {
        Change module = x -> {
            for (float v : x) {
                if (!(Math.abs(v) < 1000)) {
                    throw new EngineException(EngineException.Kind.EXECUTION, "bad pixel");
                }
            }
        };
        assertTaken(module, x -> each(x, v -> Double.isNaN(v) ? 0 : v));
    }

    @Test
    void open_aModuleThatMayNotEnd_isTriedOnItsSamplesAlone() throws IOException {
        Change whileUnequal = x -> {
            for (float v : x) {
                if (!(Math.abs(v) < 1000)) {
                    throw new AssertionError("a call that never ends");
                }
            }
        };
        try (Model model = open(
                () -> changing(100, whileUnequal)
                        .mayNotEnd()
                        .optimization(Optimization.DIRECT, () -> changing(10, whileUnequal)),
                ModelOptions.builder().inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 100)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            assertThat(model.plan().reason()).endsWith("not tried on odd numbers, with which a call might never end");
        }
    }

    @Test
    void open_aWayThatFailsOnOddNumbers() throws IOException {
        assertRefused("fails: bad pixel where an input holds NaN", x -> {}, x -> {
            float sum = 0;
            for (float v : x) {
                sum += v;
            }
            if (Float.isNaN(sum)) {
                throw new EngineException(EngineException.Kind.EXECUTION, "bad pixel");
            }
        });
    }

    /** What was asked for in bfloat16 is what the frozen module answers in it. */
    @Test
    void open_inBfloat16_oddNumbersAreHeldToTheFrozenModule() throws IOException {
        try (Model model = open(
                () -> changing(100, x -> {})
                        .bfloat16(() -> changing(60, x -> each(x, v -> Double.isNaN(v) ? 7 : v))
                                .optimization(
                                        Optimization.DIRECT,
                                        () -> changing(20, x -> each(x, v -> Double.isNaN(v) ? 7 : v * 1.001)))),
                reduced())) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
        }
    }

    /** Frozen, a module is what serves when nothing is faster: it too answers what the module answers. */
    @Test
    void open_aFrozenModuleThatDropsNanDoesNotServe() throws IOException {
        AtomicInteger asSaved = new AtomicInteger();
        try (Model model = open(() -> new FakeModule()
                .method("forward", "x: Tensor", "Tensor", arguments -> {
                    clock.addAndGet(1000);
                    float[] data = arguments.get(0).asTensor().toFloatArray();
                    boolean odd = Float.isNaN(data[0] + data[1] + data[2]);
                    if (odd && asSaved.incrementAndGet() % 2 == 0) {
                        each(data, v -> Double.isNaN(v) ? 0 : v);
                    }
                    return Tensor.of(data, 1, 3);
                })
                .optimization(Optimization.DIRECT, () -> doubling(1)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.AS_IS);
            assertThat(model.plan().reason())
                    .isEqualTo("no other way answers what the module answers:"
                            + " FROZEN answers 0.0 for NaN where an input holds NaN");
        }
    }

    // ---- inputs and results ----

    /** {@code x.sub_(1).div_(2)}, as some models normalise. */
    private FakeModule inPlace(long micros) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            clock.addAndGet(micros * 1000);
            Tensor x = arguments.get(0).asTensor();
            float[] data = x.toFloatArray();
            each(data, v -> (v - 1) / 2);
            x.asFloatBuffer().put(0, data);
            return Tensor.of(data, x.shape());
        });
    }

    @Test
    void open_aModuleThatWritesToItsInput_isTunedOnEqualInputs_andTheSampleStays() throws IOException {
        try (Tensor sample = Tensor.of(new float[] {1, 2, 3}, 1, 3);
                Model model = open(
                        () -> inPlace(100).optimization(Optimization.DIRECT, () -> inPlace(10)),
                        ModelOptions.builder().exampleInputs(sample))) {
            assertThat(model.plan().candidates())
                    .extracting(Plan.Candidate::toString)
                    .containsExactly("FROZEN 100.0 us", "DIRECT 10.0 us");
            assertThat(sample.toFloatArray()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void open_aModuleThatAnswersWholeNumbersAndScalars() throws IOException {
        Function<Long, FakeModule> module =
                micros -> new FakeModule().method("forward", "x: Tensor", "Tuple[Tensor, Tensor, float]", arguments -> {
                    clock.addAndGet(micros * 1000);
                    float first = arguments.get(0).asTensor().toFloatArray()[0];
                    return Value.tuple(
                            Tensor.of(new long[] {3}, 1),
                            Tensor.of(new int[] {4}, 1),
                            Value.of(first * (1 + micros * 1e-9)));
                });
        try (Model model = open(() -> module.apply(100L).optimization(Optimization.DIRECT, () -> module.apply(10L)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
        }
    }

    @Test
    void open_withABudgetOfCenturies() throws IOException {
        ModelOptions.Builder options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 3))
                .tuningBudget(Duration.ofSeconds(Long.MAX_VALUE));
        try (Model model = open(() -> doubling(100).optimization(Optimization.DIRECT, () -> doubling(50)), options)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
        }
    }

    // ---- neighbours ----

    /** A way that takes so long of the processor, and longer while another has it. */
    private FakeModule disturbed(long micros, LongSupplier stolenMicros) {
        return new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
            clock.addAndGet(micros * 1000);
            stolen.addAndGet(stolenMicros.getAsLong() * 1000);
            return times(arguments.get(0).asTensor(), 2);
        });
    }

    /** On a loaded machine a MobileNet was computed in a way that takes 2.4 times as long, and this was remembered. */
    @Test
    void open_whileANeighbourTakesTheProcessorFromOneWay() throws IOException {
        try (Model model = open(() -> doubling(100)
                .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> disturbed(40, () -> 200))
                .optimization(Optimization.CHANNELS_LAST, () -> doubling(90)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
            assertThat(model.plan().candidates().get(1).toString()).isEqualTo("DIRECT_CHANNELS_LAST 40.0 us");
        }
    }

    /** A ResNet was served FROZEN: timing that alone had taken all of the time. */
    @Test
    void open_whileOthersTakeNearlyAllOfTheProcessor_everyWayIsTried() throws IOException {
        LongSupplier most = () -> 180_000;
        try (Model model = open(() -> disturbed(20_000, most)
                .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> disturbed(15_000, most))
                .optimization(Optimization.DIRECT, () -> disturbed(10_000, most)))) {
            assertThat(model.plan().candidates())
                    .hasSize(3)
                    .allMatch(candidate -> candidate.time().isPresent());
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
        }
        assertThat(Duration.ofNanos(stopwatch.wall().getAsLong())).isLessThan(Duration.ofSeconds(15));
    }

    /** A neighbour in the caches makes calls longer on the processor's clock, too: first this way's, then the other's. */
    @Test
    void open_whileANeighbourSlowsDownWhoeverRuns() throws IOException {
        LongUnaryOperator slowed = micros -> clock.get() % 80_000_000 < 50_000_000 ? 3 * micros : micros;
        Function<Long, FakeModule> module =
                micros -> new FakeModule().method("forward", "x: Tensor", "Tensor", arguments -> {
                    clock.addAndGet(slowed.applyAsLong(micros) * 1000);
                    return times(arguments.get(0).asTensor(), 2);
                });
        for (long offset = 0; offset < 80; offset += 5) {
            clock.set(offset * 1_000_000);
            forgetPlans();
            try (Model model = open(() -> module.apply(100L)
                    .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> module.apply(60L))
                    .optimization(Optimization.CHANNELS_LAST, () -> module.apply(90L)))) {
                assertThat(model.plan().optimization())
                        .as("begun %d ms into the neighbour's round", offset)
                        .isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
            }
        }
    }

    private void forgetPlans() throws IOException {
        Path plans = folder.resolve("cache/plans");
        if (Files.exists(plans)) {
            try (var files = Files.list(plans)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void open_aChoiceThatOthersDisturbed_isLookedAtAgainUntilItWasQuiet() throws IOException {
        AtomicLong neighbour = new AtomicLong(10);
        AtomicInteger slowest = new AtomicInteger();
        Supplier<FakeModule> module = () -> disturbed(100, () -> 100 * neighbour.get())
                .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> disturbed(80, () -> 80 * neighbour.get()))
                .optimization(Optimization.DIRECT, () -> disturbed(70, () -> 70 * neighbour.get()))
                .optimization(Optimization.CHANNELS_LAST, () -> {
                    slowest.incrementAndGet();
                    return disturbed(95, () -> 95 * neighbour.get());
                });
        open(module).close();
        assertThat(slowest).hasValue(1);
        for (int start = 0; start < 2; start++) {
            try (Model model = open(module)) {
                assertThat(model.plan().origin()).isEqualTo(Origin.TUNED);
                assertThat(model.plan().reason()).startsWith("tuned again after a start that others disturbed in ");
                assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
                assertThat(model.plan().candidates())
                        .extracting(Plan.Candidate::optimization)
                        .containsExactly(
                                Optimization.DIRECT,
                                Optimization.DIRECT_CHANNELS_LAST,
                                Optimization.CHANNELS_LAST,
                                Optimization.FROZEN);
            }
            neighbour.set(0);
        }
        try (Model model = open(module)) {
            assertThat(model.plan().origin()).as("the last start was quiet").isEqualTo(Origin.REMEMBERED);
        }
        assertThat(slowest).hasValue(3);
    }

    @Test
    void open_aDisturbedChoiceThatWasBad_isCorrected() throws IOException {
        Supplier<FakeModule> module = () -> doubling(100)
                .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> doubling(40))
                .optimization(Optimization.CHANNELS_LAST, () -> doubling(80));
        open(module).close();
        try (var plans = Files.list(folder.resolve("cache/plans"))) {
            for (Path plan : plans.toList()) {
                Files.writeString(plan, """
                        optimization=CHANNELS_LAST
                        precision=AS_SAVED
                        disturbed=true
                        FROZEN=300000
                        CHANNELS_LAST=200000
                        DIRECT_CHANNELS_LAST=900000
                        """);
            }
        }
        try (Model model = open(module)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
        }
        try (Model model = open(module)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
            assertThat(model.plan().origin()).isEqualTo(Origin.REMEMBERED);
        }
    }

    /** A second look has a part of the time; what it has no time for does not lose its place to the plain module. */
    @Test
    void open_aSecondLookWithoutTime_keepsWhatWasTheFastest() throws IOException {
        AtomicLong factor = new AtomicLong(1);
        LongSupplier neighbours = () -> 100_000 * factor.get();
        Supplier<FakeModule> module = () -> disturbed(100_000, neighbours)
                .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> disturbed(80_000, neighbours));
        open(module).close();
        factor.set(100);
        for (int start = 0; start < 2; start++) {
            try (Model model = open(module)) {
                assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
                assertThat(model.plan().origin()).as("not decided yet").isEqualTo(Origin.TUNED);
            }
        }
    }

    @Test
    void open_callsThatWorkOnOtherThreads_areTimedByTheWall() throws IOException {
        try (Model model = open(() -> disturbed(1, () -> 1_000)
                .optimization(Optimization.DIRECT_CHANNELS_LAST, () -> disturbed(2, () -> 500)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT_CHANNELS_LAST);
        }
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
        try (Model model = open(() -> doubling(100).optimization(Optimization.DIRECT, () -> failingAfter(left)))) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            left.set(0);
            assertThat(answer(model)).containsExactly(2, 4, 6);
            assertThat(model.plan().optimization()).isEqualTo(Optimization.FROZEN);
            assertThat(model.plan().origin()).isEqualTo(Origin.FALLEN_BACK);
            assertThat(model.plan().reason())
                    .isEqualTo("DIRECT failed where the plain module did not: bad optional access");
            left.set(Integer.MAX_VALUE);
            long before = clock.get();
            assertThat(answer(model)).containsExactly(2, 4, 6);
            assertThat(clock.get() - before).as("computed plainly").isEqualTo(100_000);
        }
    }

    @Test
    void boundCall_whatTheFastOneFailsThePlainOneAnswers() throws IOException {
        AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        try (Model model = open(() -> doubling(100).optimization(Optimization.DIRECT, () -> failingAfter(left)));
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
            return slow.optimization(Optimization.DIRECT, () -> failingAfter(fast));
        })) {
            plain.set(0);
            fast.set(0);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> answer(model)))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("index out of range");
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            plain.set(Integer.MAX_VALUE);
            fast.set(Integer.MAX_VALUE);
            assertThat(answer(model)).containsExactly(2, 4, 6);
        }
    }
}
