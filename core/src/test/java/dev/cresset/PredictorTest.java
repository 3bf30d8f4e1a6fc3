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
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Predictors over the fake engine: what a handler sees, what its failures become, who may close when. */
@ExtendWith(OpenThings.class)
@Timeout(60)
class PredictorTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Floats in, floats out; forward is 2x + 1. */
    private static class Floats implements Handler<float[], float[]> {
        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) throws Exception {
            inputs.tensor(DataType.FLOAT32, request.length).asFloatBuffer().put(request);
            return this::postprocess;
        }

        float[] postprocess(Value output) throws Exception {
            return output.asTensor().toFloatArray();
        }
    }

    private <I, O> Predictor<I, O> open(String module, Handler<I, O> handler) throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", module, "none"))) {
            return Predictor.open(archive, handler);
        }
    }

    @Test
    void predict_goesThroughTheHandler() throws IOException {
        try (Predictor<float[], float[]> predictor = open("contract", new Floats())) {
            assertThat(predictor.predict(new float[] {1, 2})).containsExactly(3, 5);
            assertThat(predictor.predict(new float[] {5})).containsExactly(11);
            assertThat(predictor.predict(new float[] {1, 2})).containsExactly(3, 5);
        }
    }

    @Test
    void predictAll_answersInOrder() throws IOException {
        try (Predictor<float[], float[]> predictor = open("contract", new Floats())) {
            assertThat(predictor.predictAll(List.of(new float[] {1}, new float[] {2}, new float[] {3})))
                    .containsExactly(new float[] {3}, new float[] {5}, new float[] {7});
        }
    }

    @Test
    @SuppressWarnings("JdkObsolete") // the list of a caller who knows no better
    void predictAll_anyList_isReadOnce() throws IOException {
        List<float[]> linked = new LinkedList<>(List.of(new float[] {1}, new float[] {2})) {
            private static final long serialVersionUID = 1L;

            @Override
            public float[] get(int index) {
                throw new AssertionError("each takes as long as the list is long");
            }
        };
        try (Predictor<float[], float[]> predictor = open("contract", new Floats())) {
            assertThat(predictor.predictAll(linked)).containsExactly(new float[] {3}, new float[] {5});
            assertThat(predictor.predictAll(List.of())).isEmpty();
        }
    }

    @Test
    void predict_theModelSeesOneItemMoreThanTheHandler() throws IOException {
        List<String> shapes = Collections.synchronizedList(new ArrayList<>());
        FakeModules.put(
                "shape",
                () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                    shapes.add(a.get(0).toString());
                    return Tensor.of(
                            a.get(0).asTensor().toFloatArray(),
                            a.get(0).asTensor().shape());
                }));
        Floats asIs = new Floats() {
            @Override
            public boolean isBatched() {
                return false;
            }
        };
        try (Predictor<float[], float[]> batched = open("shape", new Floats());
                Predictor<float[], float[]> plain = open("shape", asIs)) {
            batched.predict(new float[] {1, 2});
            plain.predict(new float[] {1, 2});
        }
        assertThat(shapes).containsExactly("tensor float32 [1, 2]", "tensor float32 [2]");
    }

    @Test
    void predict_outputThatDoesNotCountItems_saysWhatToOverride() throws IOException {
        FakeModules.put(
                "scalar",
                () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> Tensor.of(new float[] {1})));
        try (Predictor<float[], float[]> predictor = open("scalar", new Floats())) {
            assertThatThrownBy(() -> predictor.predict(new float[] {1}))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("m.mar")
                    .hasMessageContaining("isBatched");
        }
    }

    @Test
    void predict_severalInputsAndOutputs() throws IOException {
        FakeModules.put(
                "two",
                () -> new FakeModule()
                        .method(
                                "forward",
                                "x: Tensor; scale: int",
                                "Tuple[Tensor, int]",
                                a -> Value.tuple(
                                        Tensor.of(
                                                new float[] {
                                                    a.get(0).asTensor().toFloatArray()[0]
                                                            * a.get(1).asLong()
                                                },
                                                1,
                                                1),
                                        Value.of(7))));
        Handler<Integer, String> handler = new Handler<>() {
            @Override
            public Answer<String> preprocess(Integer request, Inputs inputs) {
                inputs.tensor(DataType.FLOAT32, 1).asFloatBuffer().put(2);
                inputs.value(Value.of(request));
                return output -> output.asList().get(0).asTensor().toFloatArray()[0] + " "
                        + output.asList().get(1).asLong();
            }
        };
        try (Predictor<Integer, String> predictor = open("two", handler)) {
            assertThat(predictor.predict(10)).isEqualTo("20.0 7");
            assertThat(predictor.predict(11)).isEqualTo("22.0 7");
        }
    }

    @Test
    void answer_mayKnowWhatPreprocessFoundOut() throws IOException {
        Floats pairing = new Floats() {
            @Override
            public Answer<float[]> preprocess(float[] request, Inputs inputs) throws Exception {
                Answer<float[]> answer = super.preprocess(request, inputs);
                return output -> new float[] {request[0], answer.postprocess(output)[0]};
            }
        };
        try (Predictor<float[], float[]> predictor = open("contract", pairing)) {
            assertThat(predictor.predict(new float[] {3})).containsExactly(3, 7);
        }
    }

    @Test
    void inputs_sayWhatTheModelTakes() throws IOException {
        List<String> seen = new ArrayList<>();
        Floats asking = new Floats() {
            @Override
            public Answer<float[]> preprocess(float[] request, Inputs inputs) throws Exception {
                inputs.parameters().forEach(parameter -> seen.add(parameter.toString()));
                return super.preprocess(request, inputs);
            }
        };
        try (Predictor<float[], float[]> predictor = open("contract", asking)) {
            predictor.predict(new float[] {3});
        }
        assertThat(seen).containsExactly("x: Tensor");
    }

    @Test
    void open_aTextHandler_namesTheDependencyThatBringsIt() throws IOException {
        Path path = TestArchives.fake(folder, "m", "contract", "text_classifier");
        try (ModelArchive archive = ModelArchive.open(path)) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessage("m.mar: its handler 'text_classifier' is not in core; add the dependency"
                            + " dev.cresset:cresset-text, which brings it");
        }
    }

    @Test
    void predict_aTensorOfTheHandlersOwn_isNotClosedWithTheRow() throws IOException {
        FakeModules.put(
                "weighted",
                () -> new FakeModule()
                        .method(
                                "forward",
                                "x: Tensor; weight: Tensor",
                                "Tensor",
                                a -> Tensor.of(
                                        new float[] {
                                            a.get(0).asTensor().toFloatArray()[0]
                                                    * a.get(1).asTensor().toFloatArray()[0]
                                        },
                                        1,
                                        1)));
        try (Tensor weight = Tensor.of(new float[] {10}, 1)) {
            Floats weighted = new Floats() {
                @Override
                public Answer<float[]> preprocess(float[] request, Inputs inputs) throws Exception {
                    super.preprocess(request, inputs);
                    inputs.value(weight);
                    return this::postprocess;
                }
            };
            try (Predictor<float[], float[]> predictor = open("weighted", weighted)) {
                assertThat(predictor.predict(new float[] {2})).containsExactly(20);
                assertThat(predictor.predict(new float[] {3, 0})).containsExactly(30);
            }
            assertThat(weight.toFloatArray()).containsExactly(10);
        }
    }

    @Test
    void predict_sameShapes_useTheSameMemory() throws IOException {
        try (Predictor<float[], float[]> predictor = open("contract", new Floats())) {
            predictor.predict(new float[] {1, 2});
            for (int i = 0; i < 5; i++) {
                predictor.predict(new float[] {i, i});
                assertThat(OpenThings.count("session")).isEqualTo(1);
            }
        }
    }

    @Test
    void whatIsLentToAHandler_diesWhenItsMethodReturns() throws IOException {
        List<Tensor> kept = new ArrayList<>();
        List<Inputs> inputs = new ArrayList<>();
        Floats keeping = new Floats() {
            @Override
            public Answer<float[]> preprocess(float[] request, Inputs lent) throws Exception {
                Tensor tensor = lent.tensor(DataType.FLOAT32, request.length);
                tensor.asFloatBuffer().put(request);
                kept.add(tensor);
                inputs.add(lent);
                return this::postprocess;
            }

            @Override
            float[] postprocess(Value output) throws Exception {
                assertThatThrownBy(() -> kept.get(0).toFloatArray()).isInstanceOf(IllegalStateException.class);
                kept.add(output.asTensor());
                return super.postprocess(output);
            }
        };
        try (Predictor<float[], float[]> predictor = open("contract", keeping)) {
            predictor.predict(new float[] {1});
            for (Tensor tensor : kept) {
                assertThatThrownBy(tensor::asFloatBuffer)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("lent");
            }
            assertThatThrownBy(() -> inputs.get(0).tensor(DataType.FLOAT32, 1))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void predict_aHandlerThatFails_leavesThePredictorUsable() throws IOException {
        Floats failing = new Floats() {
            @Override
            public Answer<float[]> preprocess(float[] request, Inputs inputs) throws Exception {
                if (request.length == 0) {
                    inputs.tensor(DataType.FLOAT32, 100);
                    throw new IOException("nothing to read");
                }
                return super.preprocess(request, inputs);
            }

            @Override
            float[] postprocess(Value output) throws Exception {
                float[] answer = super.postprocess(output);
                if (answer[0] < 0) {
                    throw new InvalidInputException("negative");
                }
                return answer;
            }
        };
        try (Predictor<float[], float[]> predictor = open("contract", failing)) {
            assertThatThrownBy(() -> predictor.predict(new float[0]))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("m.mar")
                    .hasMessageContaining("preprocess failed")
                    .hasMessageContaining("nothing to read")
                    .hasCauseInstanceOf(IOException.class);
            assertThatThrownBy(() -> predictor.predict(new float[] {-5}))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("negative");
            assertThat(predictor.predict(new float[] {1})).containsExactly(3);
        }
    }

    /** The tests' JVM may have 1 GiB outside the heap. */
    @Test
    void predict_aBatchForWhichThereIsNoMemory_isTyped_andLeavesThePredictorUsable() throws Exception {
        float[] request = new float[7_500_000];
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "none"))) {
            Predictor.Builder<float[], float[]> builder =
                    Predictor.builder(archive, new Floats()).batching(Batching.upTo(64));
            try (Predictor<float[], float[]> predictor = builder.open()) {
                assertThatThrownBy(() -> predictor.predict(request))
                        .isInstanceOf(OutOfNativeMemoryException.class)
                        .hasMessageContaining("m.mar");
                assertThatThrownBy(() -> predictor.predictAsync(request).get())
                        .hasCauseInstanceOf(OutOfNativeMemoryException.class);
                assertThat(predictor.predict(new float[] {1})).containsExactly(3);
            }
            assertThatThrownBy(() -> builder.example(request).open()).isInstanceOf(OutOfNativeMemoryException.class);
        }
    }

    @Test
    void predict_aHandlerThatIsInterrupted_leavesItsThreadInterrupted() throws IOException {
        Floats interrupted = new Floats() {
            @Override
            public Answer<float[]> preprocess(float[] request, Inputs inputs) throws Exception {
                throw new InterruptedException("meant to be thrown by this test");
            }
        };
        try (Predictor<float[], float[]> predictor = open("contract", interrupted)) {
            assertThatThrownBy(() -> predictor.predict(new float[] {1})).isInstanceOf(ModelExecutionException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void predict_aModelThatFails_leavesThePredictorUsable() throws IOException {
        FakeModules.put(
                "picky",
                () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                    float[] data = a.get(0).asTensor().toFloatArray();
                    if (data[0] < 0) {
                        throw new dev.cresset.engine.EngineException(
                                dev.cresset.engine.EngineException.Kind.EXECUTION, "ValueError: negative");
                    }
                    return Tensor.of(data, 1, data.length);
                }));
        try (Predictor<float[], float[]> predictor = open("picky", new Floats())) {
            assertThatThrownBy(() -> predictor.predict(new float[] {-1}))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("m.mar: forward failed: ValueError: negative");
            assertThat(predictor.predict(new float[] {1})).containsExactly(1);
        }
    }

    @Test
    void predict_wrongNumberOfInputs() throws IOException {
        Floats none = new Floats() {
            @Override
            public Answer<float[]> preprocess(float[] request, Inputs inputs) {
                return this::postprocess;
            }
        };
        try (Predictor<float[], float[]> predictor = open("contract", none)) {
            assertThatThrownBy(() -> predictor.predict(new float[] {1}))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("takes 1 argument, got 0");
        }
    }

    @Test
    void predict_afterClose() throws IOException {
        Predictor<float[], float[]> predictor = open("contract", new Floats());
        predictor.predict(new float[] {1});
        predictor.close();
        predictor.close();
        assertThatThrownBy(() -> predictor.predict(new float[] {1}))
                .isInstanceOf(ClosedException.class)
                .hasMessage("predictor of m.mar is closed");
    }

    @Test
    void predict_fromManyThreads_eachGetsItsOwnAnswer() throws Exception {
        try (Predictor<float[], float[]> predictor = open("contract", new Floats())) {
            List<CompletableFuture<Boolean>> callers = new ArrayList<>();
            for (int caller = 0; caller < 16; caller++) {
                int own = caller;
                callers.add(InThread.supply(() -> {
                    for (int i = 0; i < 300; i++) {
                        float given = own * 1000 + i;
                        if (predictor.predict(new float[] {given})[0] != 2 * given + 1) {
                            return false;
                        }
                    }
                    return true;
                }));
            }
            for (CompletableFuture<Boolean> caller : callers) {
                assertThat(caller.get()).isTrue();
            }
        }
    }

    @Test
    void close_againstManyCallers_eachCallEndsInAResultOrAClosedException() throws Exception {
        for (int round = 0; round < 100; round++) {
            Predictor<float[], float[]> predictor = open("contract", new Floats());
            CountDownLatch go = new CountDownLatch(1);
            List<CompletableFuture<Boolean>> callers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                callers.add(InThread.supply(() -> {
                    try {
                        go.await();
                        while (predictor.predict(new float[] {1})[0] == 3) {
                            Thread.onSpinWait();
                        }
                        return false;
                    } catch (ClosedException e) {
                        return true;
                    } catch (InterruptedException e) {
                        return false;
                    }
                }));
            }
            go.countDown();
            predictor.close();
            for (CompletableFuture<Boolean> caller : callers) {
                assertThat(caller.get(30, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void open_handlerThatNobodyKnows() throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "contract", "psychic"))) {
            assertThatThrownBy(() -> Predictor.open(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("m.mar")
                    .hasMessageContaining("'psychic'");
        }
    }
}
