package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.GraphReport;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prepared calls that a device runs as graphs. */
@Tag("device")
class DeviceGraphTest {

    private static final int UNTIL_TRUSTED = 10;

    @AfterEach
    void nothingWasMisused() {
        if (!TestDevice.isGpu()) {
            assertThat(TestDevice.misuses()).isEmpty();
            assertThat(TestDevice.pending()).isZero();
        }
    }

    private static EngineModel model(String file, int graphs) {
        Engine engine = new OnDevice(TestDevice.engine(), TestDevice.DEVICE, graphs);
        return engine.load(
                new ModelSource.InFile(file, TorchContractTest.fixture(file + ".pt")), new LoadOptions(1, true));
    }

    private static Tensor rows(float first) {
        float[] numbers = new float[12];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = first + 0.25f * i;
        }
        return Tensor.of(numbers, 3, 4);
    }

    private static void fill(Tensor tensor, int run) {
        float[] numbers = new float[(int) tensor.elements()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = run - 0.5f * i;
        }
        tensor.copyFrom(numbers);
    }

    private static float[] plainly(EngineModel model, String method, Tensor x) {
        try (Value answer = model.invoke(method, List.of(x))) {
            return answer.asTensor().toFloatArray();
        }
    }

    private static void assertAnswers(EngineModel model, EngineSession session, Tensor x, Tensor y, int runs) {
        for (int run = 0; run < runs; run++) {
            fill(x, run);
            session.run();
            float[] expected = plainly(model, "forward", x);
            float[] found = y.toFloatArray();
            for (int i = 0; i < expected.length; i++) {
                assertThat(found[i]).isCloseTo(expected[i], Assertions.within(1e-4f));
            }
        }
    }

    @Test
    void run_often_becomesAGraph_andAnswersAsBefore() {
        try (EngineModel model = model("devices/graphs", 4);
                Tensor x = rows(1);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 3, 3)) {
            assertThat(model.graphs()).isEqualTo(new GraphReport(0, 4, 0, Optional.empty()));
            try (EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
                assertAnswers(model, session, x, y, UNTIL_TRUSTED);
                assertThat(model.graphs().recorded()).isEqualTo(1);
                assertThat(model.graphs().bytes()).isPositive();
                assertThat(model.graphs().refusal()).isEmpty();
                assertIsReplayed(session);
                assertAnswers(model, session, x, y, 5);
                assertThat(session.deviceNanos()).isPositive();
            }
            assertThat(model.graphs()).isEqualTo(new GraphReport(0, 4, 0, Optional.empty()));
        }
    }

    /** A graph and no kernel: of the stand-in it is known. */
    private static void assertIsReplayed(EngineSession session) {
        if (TestDevice.isGpu()) {
            return;
        }
        long kernels = TestDevice.kernels();
        long replays = TestDevice.replays();
        session.run();
        assertThat(TestDevice.replays() - replays).isEqualTo(1);
        assertThat(TestDevice.kernels() - kernels).isZero();
    }

    @Test
    void run_ofWhatAnswersSeveralTensors_andItsArgument_isAGraphToo() {
        try (EngineModel model = model("devices/graphs", 4);
                Tensor x = rows(1);
                EngineSession pair = model.prepare("pair", List.of(x), List.of());
                EngineSession itself = model.prepare("itself", List.of(x), List.of())) {
            for (int run = 0; run < UNTIL_TRUSTED; run++) {
                fill(x, run);
                pair.run();
                itself.run();
                List<Value> answer = pair.result().asList();
                assertThat(answer.get(0).asTensor().toFloatArray()[0])
                        .isCloseTo((float) Math.tanh(run), Assertions.within(1e-5f));
                assertThat(answer.get(1).asList().get(1).asTensor().toLongArray())
                        .containsExactly(0, 1, 2);
                assertThat(itself.result().asTensor().toFloatArray()).isEqualTo(x.toFloatArray());
            }
            assertThat(model.graphs().recorded()).isEqualTo(2);
            assertIsReplayed(pair);
        }
    }

    @Test
    void convolutions_areInGraphs() {
        try (EngineModel model = model("devices/graphs", 4);
                Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 1, 5, 5);
                EngineSession session = model.prepare("image", List.of(x), List.of())) {
            for (int run = 0; run < UNTIL_TRUSTED; run++) {
                fill(x, 20 + run);
                session.run();
                assertThat(session.result().asTensor().toFloatArray()).isEqualTo(plainly(model, "image", x));
            }
            assertThat(model.graphs().recorded()).isEqualTo(1);
        }
    }

    /** It could drop numbers at random, and says that it does not. */
    @Test
    void attention_isInGraphs() {
        try (EngineModel model = model("devices/attention", 4);
                Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 2, 3, 4);
                EngineSession session = model.prepare("forward", List.of(x), List.of())) {
            for (int run = 0; run < UNTIL_TRUSTED; run++) {
                fill(x, run);
                session.run();
                assertThat(session.result().asTensor().toFloatArray()).isEqualTo(plainly(model, "forward", x));
            }
            assertThat(model.graphs().refusal()).isEmpty();
            assertThat(model.graphs().recorded()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "branches, aten::item waits for numbers of the device's",
        "chosen, aten::masked_select answers with a size that depends on numbers",
        "drawn, draws random numbers",
        "written, it keeps a state or writes to its arguments"
    })
    void run_ofWhatCannotBeAGraph_staysPlain_andSaysWhy(String method, String why) {
        try (EngineModel model = model("devices/graphs", 4);
                Tensor x = rows(1);
                EngineSession session = model.prepare(method, List.of(x), List.of())) {
            for (int run = 0; run < UNTIL_TRUSTED; run++) {
                fill(x, run);
                session.run();
            }
            fill(x, -3);
            session.run();
            if (method.equals("branches")) {
                assertThat(session.result().asTensor().toFloatArray()[0]).isEqualTo(-4);
            }
            assertThat(model.graphs().recorded()).isZero();
            assertThat(model.graphs().refusal())
                    .hasValueSatisfying(
                            reason -> assertThat(reason.replace(",", "")).contains(why));
        }
    }

    @Test
    void run_ofAModelThatKeepsAState_staysPlain() {
        try (EngineModel model = model("modules/counter", 4);
                Tensor x = Tensor.of(new float[] {1}, 1);
                EngineSession session = model.prepare("forward", List.of(x), List.of())) {
            for (int run = 0; run < UNTIL_TRUSTED; run++) {
                session.run();
            }
            assertThat(model.invoke("count", List.of())).isEqualTo(Value.of(UNTIL_TRUSTED));
            assertThat(model.graphs().refusal())
                    .hasValueSatisfying(why -> assertThat(why).contains("keeps a state"));
        }
    }

    @Test
    void graphs_areNoMoreThanWereAllowed_andTheirRoomIsUsedAgain() {
        try (EngineModel model = model("devices/graphs", 1);
                Tensor x = rows(1);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 3, 3)) {
            try (EngineSession first = model.prepare("forward", List.of(x), List.of(y));
                    EngineSession second = model.prepare("forward", List.of(x), List.of(y))) {
                assertAnswers(model, first, x, y, UNTIL_TRUSTED);
                assertAnswers(model, second, x, y, UNTIL_TRUSTED);
                assertThat(model.graphs().recorded()).isEqualTo(1);
                assertThat(model.graphs().refusal()).contains("the model has as many as it may have, 1");
            }
            try (EngineSession third = model.prepare("forward", List.of(x), List.of(y))) {
                assertAnswers(model, third, x, y, UNTIL_TRUSTED);
                assertThat(model.graphs().recorded()).isEqualTo(1);
                assertIsReplayed(third);
            }
        }
    }

    @Test
    void graphs_ofManyThreads_eachWithItsOwn_answerRight() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (EngineModel model = model("modules/contract", 16)) {
            List<Callable<Boolean>> callers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                float base = 1000 * t;
                callers.add(() -> areAllRight(model, base));
            }
            for (Future<Boolean> right : pool.invokeAll(callers)) {
                assertThat(right.get()).isTrue();
            }
            assertThat(model.graphs().recorded()).isZero();
        } finally {
            pool.shutdown();
        }
    }

    private static boolean areAllRight(EngineModel model, float base) {
        boolean right = true;
        try (Tensor x = Tensor.allocate(DataType.FLOAT32, 2);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2);
                EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
            for (int i = 0; i < 60; i++) {
                x.copyFrom(new float[] {base + i, i});
                session.start();
                session.await();
                float[] got = y.toFloatArray();
                right &= got[0] == 2 * (base + i) + 1 && got[1] == 2 * i + 1;
            }
        }
        return right;
    }

    @Test
    void graphs_ofMoreSessionsThanStreams_areRecordedOnStreamsThatNobodyElseHas() {
        List<EngineSession> sessions = new ArrayList<>();
        try (EngineModel model = model("modules/contract", 100);
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 2)) {
            try {
                for (int i = 0; i < 40; i++) {
                    sessions.add(model.prepare("forward", List.of(x), List.of(y)));
                }
                for (int run = 0; run < UNTIL_TRUSTED; run++) {
                    for (EngineSession session : sessions) {
                        fill(x, run);
                        y.copyFrom(new float[2]);
                        session.run();
                        assertThat(y.toFloatArray()).containsExactly(2 * run + 1, 2 * (run - 0.5f) + 1);
                    }
                }
                assertThat(model.graphs().recorded()).isBetween(1, 32);
                assertThat(model.graphs().refusal())
                        .contains("the device has fewer streams than calls are prepared there");
            } finally {
                sessions.forEach(EngineSession::close);
            }
        }
    }

    @Test
    void graphs_giveTheirMemoryBack() {
        Assumptions.assumeFalse(TestDevice.isGpu(), "another's memory is counted there");
        long before = TestDevice.bytesInUse(0);
        for (int i = 0; i < 5; i++) {
            try (EngineModel model = model("devices/graphs", 4);
                    Tensor x = rows(1);
                    Tensor y = Tensor.allocate(DataType.FLOAT32, 3, 3);
                    EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
                for (int run = 0; run < UNTIL_TRUSTED; run++) {
                    session.run();
                }
            }
        }
        assertThat(TestDevice.bytesInUse(0)).isEqualTo(before);
    }

    @Test
    void graph_onADeviceThatHasFailed_isADeviceThatHasFailed() {
        Assumptions.assumeFalse(TestDevice.isGpu(), "a GPU cannot be told to fail");
        try (EngineModel model = model("devices/graphs", 4);
                EngineModel other = model("modules/contract", 0);
                Tensor x = rows(1);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 3, 3);
                EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
            assertAnswers(model, session, x, y, UNTIL_TRUSTED);
            TestDevice.failAfter(0, 0);
            assertFails(() -> other.invoke("forward", List.of(x)));
            assertFails(session::run);
        } finally {
            TestDevice.failAfter(0, -1);
        }
    }

    private static void assertFails(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        EngineException.class, e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.DEVICE_FAILED));
    }

    /** In a JVM of its own: there are no graphs any more where that has happened. */
    @Test
    void run_whoseRecordTheDeviceBreaksOff_staysPlain_andThereAreNoGraphsAnyMore(@TempDir Path folder)
            throws IOException, InterruptedException {
        Assumptions.assumeFalse(TestDevice.isGpu(), "a GPU cannot be told to");
        String[] options = Stream.of("cresset.cache", "cresset.libtorch", "cresset.bridge")
                .filter(name -> System.getProperty(name) != null)
                .map(name -> "-D" + name + "=" + System.getProperty(name))
                .toArray(String[]::new);
        ChildJvm child = ChildJvm.run(BreaksAGraphOff.class, entry -> true, folder, options);
        assertThat(child.output())
                .contains("right: true, 0 of at most 4 graphs")
                .contains("operation not permitted when stream is capturing")
                .contains("must not be asked for another in this process")
                .endsWith("misuses: \ndone\n");
    }
}
