package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.InThread;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Models over the fake engine: what is checked before a call, what a failure says, and who may close when. */
@ExtendWith(OpenThings.class)
@Timeout(60)
class ModelTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Model open(String module) throws IOException {
        return open(module, ModelOptions.defaults());
    }

    private Model open(String module, ModelOptions options) throws IOException {
        return Model.open(Files.writeString(folder.resolve(module + ".pt"), module), options);
    }

    private static Tensor x(float... data) {
        return Tensor.of(data, data.length);
    }

    // ---- opening ----

    @Test
    void open_archive_needsItNoMoreAfterwards() throws IOException {
        ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"));
        try (Model model = Model.open(archive)) {
            archive.close();
            try (Tensor x = x(1);
                    Value y = model.forward(x)) {
                assertThat(y.asTensor().toFloatArray()).containsExactly(3);
            }
            assertThat(model.name()).isEqualTo("m.mar");
        }
    }

    @Test
    void open_missingFile() {
        assertThatThrownBy(() -> Model.open(folder.resolve("absent.pt")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(folder.resolve("absent.pt") + ": there is no such file");
    }

    @Test
    void open_missingArchive_isNotSaidToBeOne() {
        assertThatThrownBy(() -> Model.open(folder.resolve("absent.mar")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(folder.resolve("absent.mar") + ": there is no such file");
    }

    @Test
    void open_folder() {
        assertThatThrownBy(() -> Model.open(folder))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(folder + ": it is not a file");
    }

    @Test
    void open_whatTheEngineCannotRead() {
        assertThatThrownBy(() -> open("gibberish"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("cannot load gibberish.pt")
                .hasMessageContaining("not a fake module");
    }

    @Test
    void open_eagerArchive_saysThatPythonIsNeeded() throws IOException {
        Path path = TestArchives.write(
                folder.resolve("eager.mar"),
                TestArchives.manifest("eager", "image_classifier", "\"modelFile\": \"net.py\""),
                "net.py",
                "class Net: pass");
        try (ModelArchive archive = ModelArchive.open(path)) {
            assertThatThrownBy(() -> Model.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("eager.mar")
                    .hasMessageContaining("net.py")
                    .hasMessageContaining("torch.jit.script");
        }
    }

    @Test
    void open_archiveWithoutAModel() throws IOException {
        Path path = TestArchives.write(
                folder.resolve("bare.mar"), TestArchives.manifest("bare", "my_handler", ""), "notes.txt", "nothing");
        try (ModelArchive archive = ModelArchive.open(path)) {
            assertThatThrownBy(() -> Model.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("bare.mar")
                    .hasMessageContaining("serializedFile")
                    .hasMessageContaining("notes.txt");
        }
    }

    @Test
    void open_archiveWithAnEmptyModel() throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "empty", "", "none"))) {
            assertThatThrownBy(() -> Model.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("empty.mar")
                    .hasMessageContaining("empty file");
        }
    }

    @Test
    void open_engineThatIsNotThere() {
        assertThatThrownBy(() ->
                        open("contract", ModelOptions.builder().engine("onnx").build()))
                .isInstanceOf(EngineUnavailableException.class)
                .hasMessageContaining("'onnx'")
                .hasMessageContaining("fake");
    }

    @Test
    void open_engineThatDoesNotRun_saysWhy_andIsPassedOverUnlessAskedFor() throws IOException {
        assertThatThrownBy(() ->
                        open("contract", ModelOptions.builder().engine("broken").build()))
                .isInstanceOf(EngineUnavailableException.class)
                .hasMessage("engine 'broken' cannot run here: it is broken");
        open("contract").close();
    }

    @Test
    void options_refuseNonsense() {
        assertThatThrownBy(() -> ModelOptions.builder().intraOpThreads(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1");
    }

    // ---- arguments ----

    @Test
    void forward_wrongNumberOfArguments() throws IOException {
        try (Model model = open("contract");
                Tensor x = x(1)) {
            assertThatThrownBy(() -> model.forward(x, x))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("contract.pt: forward(x: Tensor) -> Tensor takes 1 argument, got 2: tensor float32 [1],"
                            + " tensor float32 [1]");
            assertThatThrownBy(model::forward)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("got 0: none");
            assertThatThrownBy(() -> model.invoke("add", x))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("takes 2 to 3 arguments, got 1");
            model.forward(x).close();
        }
    }

    @Test
    void forward_wrongKindOfArgument() throws IOException {
        try (Model model = open("contract");
                Tensor x = x(1)) {
            assertThatThrownBy(() -> model.forward(Value.of("seven")))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("contract.pt: input 'x' of forward is str 'seven', expected Tensor");
            assertThatThrownBy(() -> model.invoke("merge", Value.dict(Map.of("a", x)), Value.list(Value.of(1))))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("input 'order' of merge is list [int 1], expected List[str]");
            model.forward(x).close();
        }
    }

    @Test
    void forward_longArgumentsAreCutInMessages() throws IOException {
        try (Model model = open("contract")) {
            assertThatThrownBy(() -> model.forward(Value.of("x".repeat(10_000))))
                    .isInstanceOf(InvalidInputException.class)
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
        }
    }

    @Test
    void forward_declaredTypeRankAndSizeAreHeld() throws IOException {
        ModelOptions options = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 3))
                .build();
        try (Model model = open("contract", options);
                Tensor right = Tensor.allocate(DataType.FLOAT32, 7, 3);
                Tensor type = Tensor.allocate(DataType.INT64, 7, 3);
                Tensor rank = Tensor.allocate(DataType.FLOAT32, 3);
                Tensor size = Tensor.allocate(DataType.FLOAT32, 7, 4)) {
            model.forward(right).close();
            assertThatThrownBy(() -> model.forward(type))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("contract.pt: input 'x' has shape [7, 3] (int64), expected [any, 3] (float32)");
            assertThatThrownBy(() -> model.forward(rank))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("has shape [3] (float32), expected [any, 3]");
            assertThatThrownBy(() -> model.bind(List.of(size), List.of(size)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("has shape [7, 4]");
            model.forward(right).close();
        }
    }

    @Test
    void invoke_unknownMethod_listsThoseThatThereAre() throws IOException {
        try (Model model = open("contract")) {
            assertThatThrownBy(() -> model.invoke("backward"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("no method 'backward'")
                    .hasMessageContaining("forward")
                    .hasMessageContaining("merge");
        }
    }

    @Test
    void forward_valuesNestedWithoutEnd_areRefusedBeforeTheNativeStackSeesThem() throws IOException {
        FakeModules.put("any", () -> new FakeModule().method("forward", "x: Any", "NoneType", a -> Value.none()));
        try (Model model = open("any");
                Tensor x = x(1)) {
            Value nested = x;
            for (int i = 0; i < 5000; i++) {
                nested = Value.list(nested);
            }
            Value deep = nested;
            assertThatThrownBy(() -> model.forward(deep))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("nested deeper than 100");
            model.forward(Value.list(Value.list(x)));
        }
    }

    @Test
    void forward_closedTensor() throws IOException {
        try (Model model = open("contract")) {
            Tensor closed = x(1);
            closed.close();
            assertThatThrownBy(() -> model.forward(closed))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("tensor float32 [1] is closed");
            try (Tensor open = x(1)) {
                assertThatThrownBy(() -> model.invoke("add", open, closed)).isInstanceOf(IllegalStateException.class);
                model.forward(open).close();
            }
        }
    }

    // ---- failures ----

    @Test
    void forward_aModelThatRaises_keepsItsTrace() throws IOException {
        try (Model model = open("contract");
                Tensor x = x(1, 2)) {
            assertThatThrownBy(() -> model.invoke("fail", x))
                    .isInstanceOfSatisfying(ModelExecutionException.class, e -> {
                        assertThat(e)
                                .hasMessage("contract.pt: fail failed: builtins.ValueError: asked to fail; arguments:"
                                        + " tensor float32 [2]");
                        assertThat(e.trace())
                                .hasValueSatisfying(trace -> assertThat(trace).contains("Traceback of TorchScript"));
                    });
            model.forward(x).close();
        }
    }

    // ---- bound calls ----

    @Test
    void bind_runsOnWhatTheInputHoldsNow() throws IOException {
        try (Model model = open("contract");
                Tensor x = x(0);
                Tensor y = x(0);
                BoundCall call = model.bind(List.of(x), List.of(y))) {
            x.asFloatBuffer().put(0, 20);
            call.run();
            assertThat(y.toFloatArray()).containsExactly(41);
        }
    }

    @Test
    void bind_withoutOutputs() throws IOException {
        try (Model model = open("contract");
                Tensor x = x(0)) {
            assertThatThrownBy(() -> model.bind(List.of(x), List.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void bind_outputThatDoesNotFit() throws IOException {
        try (Model model = open("contract");
                Tensor x = x(1, 2);
                Tensor y = x(0);
                BoundCall call = model.bind(List.of(x), List.of(y))) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("contract.pt: forward")
                    .hasMessageContaining("bound");
        }
    }

    @Test
    void bind_keepsTensorsThatAreClosedBeforeIt() throws IOException {
        try (Model model = open("contract")) {
            Tensor x = x(1);
            Tensor y = x(0);
            try (BoundCall call = model.bind(List.of(x), List.of(y))) {
                x.close();
                y.close();
                call.run();
            }
            assertThatThrownBy(y::toFloatArray).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void run_afterClose() throws IOException {
        try (Model model = open("contract");
                Tensor x = x(1);
                Tensor y = x(0)) {
            BoundCall call = model.bind(List.of(x), List.of(y));
            call.close();
            call.close();
            assertThatThrownBy(call::run).isInstanceOf(ClosedException.class).hasMessageContaining("contract.pt");
        }
    }

    @Test
    void run_afterTheModelIsClosed() throws IOException {
        try (Tensor x = x(1);
                Tensor y = x(0)) {
            Model model = open("contract");
            BoundCall call = model.bind(List.of(x), List.of(y));
            model.close();
            assertThatThrownBy(call::run).isInstanceOf(ClosedException.class);
            call.close();
        }
    }

    @Test
    void run_byTwoThreadsAtOnce_isRefused() throws Exception {
        Gate gate = new Gate("gate-bound");
        try (Model model = open("gate-bound");
                Tensor x = x(1);
                Tensor y = x(0);
                BoundCall call = model.bind(List.of(x), List.of(y))) {
            CompletableFuture<Void> first = InThread.run(call::run);
            gate.awaitInside();
            assertThatThrownBy(call::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("two threads at once");
            gate.open();
            first.get();
            call.run();
        }
    }

    // ---- closing ----

    @Test
    void forward_afterClose() throws IOException {
        Model model = open("contract");
        model.close();
        model.close();
        try (Tensor x = x(1)) {
            assertThatThrownBy(() -> model.forward(x))
                    .isInstanceOf(ClosedException.class)
                    .hasMessage("model contract.pt is closed");
            assertThatThrownBy(() -> model.bind(List.of(x), List.of(x))).isInstanceOf(ClosedException.class);
        }
        assertThat(model.signature().methods()).containsKey("forward");
    }

    @Test
    void close_waitsForTheCallThatRuns_andRefusesNewOnes() throws Exception {
        Gate gate = new Gate("gate-close");
        Model model = open("gate-close");
        try (Tensor x = x(1)) {
            CompletableFuture<Value> running = InThread.supply(() -> model.forward(x));
            gate.awaitInside();
            CountDownLatch closing = new CountDownLatch(1);
            CompletableFuture<Void> close = InThread.run(() -> {
                closing.countDown();
                model.close();
            });
            closing.await();
            awaitRefused(model, x);
            assertThat(close).isNotDone();
            assertThat(OpenThings.count("model")).isEqualTo(1);
            gate.open();
            running.get().close();
            close.get();
            assertThat(OpenThings.count("model")).isZero();
        }
    }

    @Test
    void close_fromInsideItsOwnCall_freesAfterTheCall() throws Exception {
        Model[] self = new Model[1];
        FakeModules.put(
                "closes-itself",
                () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                    Thread.currentThread().interrupt(); // an impatient caller: close does not wait for itself for ever
                    self[0].close();
                    return Tensor.of(a.get(0).asTensor().toFloatArray(), 1);
                }));
        self[0] = open("closes-itself");
        try (Tensor x = x(1)) {
            self[0].forward(x).close();
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(OpenThings.count("model")).isZero();
    }

    @Test
    void close_ofATensorDuringACall_waitsForTheCallWithItsMemory() throws Exception {
        Gate gate = new Gate("gate-tensor");
        try (Model model = open("gate-tensor")) {
            Tensor x = x(5);
            CompletableFuture<Value> running = InThread.supply(() -> model.forward(x));
            gate.awaitInside();
            x.close();
            gate.open();
            try (Value y = running.get()) {
                assertThat(y.asTensor().toFloatArray()).containsExactly(5);
            }
        }
    }

    @Test
    void close_againstManyCallers_eachCallEndsInAResultOrAClosedException() throws Exception {
        for (int round = 0; round < 200; round++) {
            Model model = open("contract");
            CountDownLatch go = new CountDownLatch(1);
            List<CompletableFuture<Boolean>> callers = new java.util.ArrayList<>();
            for (int i = 0; i < 4; i++) {
                callers.add(InThread.supply(() -> callUntilClosed(model, go)));
            }
            go.countDown();
            model.close();
            for (CompletableFuture<Boolean> caller : callers) {
                assertThat(caller.get(30, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private static boolean callUntilClosed(Model model, CountDownLatch go) {
        try (Tensor x = x(1)) {
            go.await();
            while (true) {
                try (Value y = model.forward(x)) {
                    if (y.asTensor().toFloatArray()[0] != 3) {
                        return false;
                    }
                }
            }
        } catch (ClosedException e) {
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static void awaitRefused(Model model, Tensor x) {
        while (true) {
            try {
                model.invoke("missing", x);
            } catch (ClosedException e) {
                return;
            } catch (InvalidInputException e) {
                Thread.onSpinWait(); // not closing yet
            }
        }
    }

    /** A module whose forward waits until it is let through; it then answers with what its input holds by now. */
    private static final class Gate {
        private final CountDownLatch inside = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        Gate(String name) {
            FakeModules.put(
                    name,
                    () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                        inside.countDown();
                        try {
                            opened.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        return Tensor.of(a.get(0).asTensor().toFloatArray(), 1);
                    }));
        }

        void awaitInside() throws InterruptedException {
            inside.await();
        }

        void open() {
            opened.countDown();
        }
    }
}
