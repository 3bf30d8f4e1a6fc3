package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.handler.TensorHandler;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many requests of one caller to a model without an archive: all, each, and later; with envelopes and without. */
class PredictAllTest {

    @TempDir
    Path folder;

    @BeforeEach
    void doubling() {
        FakeModules.put(
                "doubling",
                () -> new FakeModule().method("forward", "x: Tensor", "Tensor", a -> {
                    Tensor x = a.get(0).asTensor();
                    float[] row = x.toFloatArray();
                    for (int i = 0; i < row.length; i++) {
                        row[i] *= 2;
                    }
                    return Tensor.of(row, x.shape());
                }));
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(OpenThings.count("model")).isZero();
        assertThat(OpenThings.count("session")).isZero();
    }

    /** A number in, its double out; negative ones are refused. */
    private static final Handler<Integer, Integer> NUMBERS = (number, inputs) -> {
        if (number < 0) {
            throw new InvalidInputException("a negative number");
        }
        inputs.tensor(DataType.FLOAT32, 1).copyFrom(new float[] {number});
        return output -> (int) output.asTensor().toFloatArray()[0];
    };

    private <I, O> Predictor.Builder<I, O> builder(Handler<I, O> handler) throws IOException {
        return Predictor.builder(Files.writeString(folder.resolve("doubling.pt"), "doubling"), handler);
    }

    private Predictor<Integer, Integer> numbers() throws IOException {
        return builder(NUMBERS).batching(Batching.upTo(4)).workers(1).open();
    }

    @Test
    void open_ofAFileAlone_answers() throws IOException {
        Path file = Files.writeString(folder.resolve("doubling.pt"), "doubling");
        try (Predictor<Integer, Integer> predictor = Predictor.open(file, NUMBERS)) {
            assertThat(predictor.predict(21)).isEqualTo(42);
            assertThat(predictor.batching()).isEqualTo(Batching.none());
            assertThat(predictor).hasToString("predictor of doubling.pt");
        }
    }

    @Test
    void predictEach_aBadItem_failsAlone() throws IOException {
        try (Predictor<Integer, Integer> predictor = numbers()) {
            List<Outcome<Integer>> outcomes = predictor.predictEach(List.of(1, -2, 3, -4, 5));

            assertThat(outcomes).extracting(Outcome::isAnswered).containsExactly(true, false, true, false, true);
            assertThat(outcomes.get(4).answer()).isEqualTo(10);
            assertThat(outcomes.get(1).failure()).containsInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> outcomes.get(3).answer()).hasMessageContaining("a negative number");
            assertThat(predictor.metrics().answered()).isEqualTo(3);
            assertThat(predictor.metrics().invalidInputs()).isEqualTo(2);
        }
    }

    @Test
    void predictEach_ofMoreThanTheQueueHolds_answersAll() throws IOException {
        List<Integer> many = IntStream.range(0, 500).boxed().toList();
        try (Predictor<Integer, Integer> predictor = builder(NUMBERS)
                .batching(Batching.upTo(4))
                .queue(8, WhenFull.REJECT)
                .open()) {
            assertThat(predictor.predictEach(many))
                    .extracting(Outcome::answer)
                    .isEqualTo(many.stream().map(one -> 2 * one).toList());
        }
    }

    @Test
    void predictAll_withoutTimeLeft_runsNothing() throws IOException {
        try (Predictor<Integer, Integer> predictor = numbers()) {
            assertThatThrownBy(() -> predictor.predictAll(List.of(1, 2), Duration.ZERO))
                    .isInstanceOf(DeadlineExceededException.class);
            assertThat(predictor.predictEach(List.of(1, 2), Duration.ZERO))
                    .allSatisfy(outcome ->
                            assertThat(outcome.failure()).containsInstanceOf(DeadlineExceededException.class));
            assertThat(predictor.metrics().answered()).isZero();
        }
    }

    @Test
    void predictAll_withinADeadline_answers() throws IOException {
        try (Predictor<Integer, Integer> predictor = numbers()) {
            assertThat(predictor.predictAll(List.of(1, 2, 3), Duration.ofMinutes(1)))
                    .containsExactly(2, 4, 6);
        }
    }

    @Test
    void predictAllAsync_isOneFuture() throws Exception {
        try (Predictor<Integer, Integer> predictor = numbers()) {
            assertThat(predictor.predictAllAsync(List.of(1, 2, 3)).get()).containsExactly(2, 4, 6);
            assertThat(predictor.predictAllAsync(List.<Integer>of()).get()).isEmpty();

            CompletableFuture<List<Integer>> failing =
                    predictor.predictAllAsync(List.of(1, -2, 3), Duration.ofMinutes(1));
            assertThatThrownBy(failing::join)
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("item 2 of 3: a negative number");
        }
    }

    @Test
    void predictAllAsync_ofMoreThanTheQueueHolds_isRefusedAtOnceAndWithdrawsTheRest() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Handler<Integer, Integer> slow = (number, inputs) -> {
            inputs.tensor(DataType.FLOAT32, 1).copyFrom(new float[] {number});
            return output -> {
                running.countDown();
                mayEnd.await();
                return number;
            };
        };
        try (Predictor<Integer, Integer> predictor = builder(slow)
                .queue(2, WhenFull.REJECT)
                .workers(1)
                .completeOn(Runnable::run)
                .open()) {
            CompletableFuture<Integer> first = predictor.predictAsync(1);
            running.await(); // its worker is held until the end

            CompletableFuture<List<Integer>> all = predictor.predictAllAsync(List.of(2, 3, 4, 5));

            assertThat(all).isCompletedExceptionally();
            assertThatThrownBy(all::join).hasCauseInstanceOf(OverloadedException.class);
            assertThat(predictor.metrics().rejected()).isEqualTo(1);
            assertThat(predictor.metrics().cancelled()).isEqualTo(2);
            assertThat(predictor.metrics().waiting()).isZero();
            mayEnd.countDown();
            assertThat(first.get()).isEqualTo(1);
        }
    }

    /** What a handler makes up to try a model with would be part of the answers of one that keeps a state. */
    @Test
    void open_ofAModelWithState_runsNoExample() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        FakeModules.put(
                "counting",
                () -> new FakeModule()
                        .stateful()
                        .method(
                                "forward",
                                "x: Tensor",
                                "Tensor",
                                a -> Tensor.of(new float[] {calls.incrementAndGet()}, 1, 1)));
        Path file = Files.writeString(folder.resolve("counting.pt"), "counting");
        try (Predictor<float[], float[]> predictor = Predictor.open(file, TensorHandler.ofFloats(1))) {
            assertThat(calls).hasValue(0);
            assertThat(predictor.predict(new float[] {7})).containsExactly(1);
            assertThat(predictor.plan().reason()).isEqualTo("the module keeps a state between calls");
        }
    }

    @Test
    void predictAll_withNull_saysWhich() throws IOException {
        try (Predictor<Integer, Integer> predictor = numbers()) {
            assertThatThrownBy(() -> predictor.predictAll(Arrays.asList(1, null)))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("request 2");
            assertThat(predictor.metrics().executionFailures()).isZero();
        }
    }

    /** Words of a request are items; the answer is their lengths' doubles. */
    private static final Handler<String, String> WORDS = (word, inputs) -> {
        if (word.equals("bad")) {
            throw new InvalidInputException("a bad word");
        }
        inputs.tensor(DataType.FLOAT32, 1).copyFrom(new float[] {word.length()});
        return output -> String.valueOf((int) output.asTensor().toFloatArray()[0]);
    };

    private static Envelope.Opened<String, String> sentence(String request) {
        if (request.isEmpty()) {
            throw new InvalidInputException("no words");
        } else if (request.equals("odd")) {
            throw new IllegalStateException("an envelope's own");
        }
        return new Envelope.Opened<>() {
            @Override
            public List<String> items() {
                return List.of(request.split(" "));
            }

            @Override
            public String answer(List<String> answers) {
                return String.join(" ", answers);
            }
        };
    }

    @Test
    void predictAll_inEnvelopes_sharesBatchesAmongRequests() throws IOException {
        try (Predictor<String, String> predictor = builder(WORDS)
                .envelope(PredictAllTest::sentence)
                .batching(Batching.upTo(8))
                .workers(1)
                .open()) {
            predictor.metrics(); // from here on batches are counted

            assertThat(predictor.predictAll(List.of("a bc", "def", "g hi jkl mn")))
                    .containsExactly("2 4", "6", "2 4 6 4");
            assertThat(predictor.metrics().batches()).isEqualTo(1);
        }
    }

    @Test
    void predictEach_inEnvelopes_failsRequestByRequest() throws IOException {
        try (Predictor<String, String> predictor = builder(WORDS)
                .envelope(PredictAllTest::sentence)
                .batching(Batching.upTo(8))
                .open()) {
            List<Outcome<String>> outcomes = predictor.predictEach(List.of("a bc", "", "d bad e", "fg"));

            assertThat(outcomes).extracting(Outcome::isAnswered).containsExactly(true, false, false, true);
            assertThat(outcomes.get(1).failure().orElseThrow()).hasMessage("no words");
            assertThat(outcomes.get(2).failure().orElseThrow()).hasMessage("item 2 of 3: a bad word");
            assertThat(outcomes.get(3).answer()).isEqualTo("4");
        }
    }

    @Test
    void predictEach_anEnvelopeThatFails_failsItsRequestAlone() throws IOException {
        try (Predictor<String, String> predictor =
                builder(WORDS).envelope(PredictAllTest::sentence).open()) {
            List<Outcome<String>> outcomes = predictor.predictEach(List.of("a", "odd", "bc"));

            assertThat(outcomes).extracting(Outcome::isAnswered).containsExactly(true, false, true);
            assertThat(outcomes.get(1).failure().orElseThrow())
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContaining("an envelope's own");
            assertThat(predictor.metrics().otherFailures()).isEqualTo(1);
        }
    }

    @Test
    void predict_aRowOfAnotherLength_isTheCallersFault() throws IOException {
        try (Predictor<float[], float[]> predictor =
                builder(TensorHandler.ofFloats(4)).open()) {
            assertThat(predictor.predict(new float[] {1, 2, 3, 4})).containsExactly(2, 4, 6, 8);
            assertThatThrownBy(() -> predictor.predict(new float[3]))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("the row has 3 numbers, the model takes 4");
        }
        try (Predictor<float[], float[]> predictor = builder(TensorHandler.ofFloats())
                .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 4))
                .open()) {
            assertThatThrownBy(() -> predictor.predict(new float[3]))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("has shape [1, 3] (float32), expected [any, 4] (float32)");
            assertThat(predictor.metrics().invalidInputs()).isEqualTo(1);
        }
    }
}
