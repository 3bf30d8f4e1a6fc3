package dev.cresset.internal.requests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Answer;
import dev.cresset.Batching;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.Predictor;
import dev.cresset.TestArchives;
import dev.cresset.engine.FakeModule;
import dev.cresset.engine.FakeModules;
import dev.cresset.engine.OpenThings;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a handler does not write is zero, whoever had the row before: the model answers with what it was asked, and notes all
 * the rows that it sees.
 */
@ExtendWith(OpenThings.class)
@Timeout(60)
public class RowsTest {

    private static final int WIDTH = 16;

    private final Queue<float[]> seen = new ConcurrentLinkedQueue<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeEach
    void putModules() {
        FakeModules.put("echo", () -> new FakeModule().method("forward", "x: Tensor", "Tensor", this::echo));
    }

    private Value echo(List<Value> arguments) {
        Tensor x = arguments.get(0).asTensor();
        if (x.dataType() == DataType.FLOAT32) {
            float[] all = x.toFloatArray();
            for (int row = 0; row < x.shape()[0]; row++) {
                seen.add(Arrays.copyOfRange(all, row * WIDTH, (row + 1) * WIDTH));
            }
        }
        return x.copy();
    }

    /** Asks for a whole row, and writes as much of it as there are numbers. */
    private record Partial(BiConsumer<Tensor, float[]> write) implements Handler<float[], float[]> {
        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) {
            write.accept(inputs.tensor(DataType.FLOAT32, WIDTH), request);
            return this::postprocess;
        }

        float[] postprocess(Value output) {
            return output.asTensor().toFloatArray();
        }
    }

    private <I, O> Predictor<I, O> open(Handler<I, O> handler, int batch) throws IOException {
        try (ModelArchive archive = ModelArchive.open(TestArchives.fake(folder, "m", "echo", "none"))) {
            return Predictor.builder(archive, handler)
                    .batching(Batching.upTo(batch))
                    .workers(2)
                    .open();
        }
    }

    private static float[] full(float number) {
        float[] row = new float[WIDTH];
        Arrays.fill(row, number);
        return row;
    }

    private static float[] filledUp(float... numbers) {
        return Arrays.copyOf(numbers, WIDTH);
    }

    /** Full rows, then short ones: alone, and enough together to be batches. */
    private void assertZeros(BiConsumer<Tensor, float[]> write) throws IOException {
        for (int batch : new int[] {1, 8}) {
            try (Predictor<float[], float[]> predictor = open(new Partial(write), batch)) {
                predictor.predictAll(
                        IntStream.range(0, 20).mapToObj(i -> full(7)).toList());
                assertThat(predictor.predict(new float[] {1, 2})).isEqualTo(filledUp(1, 2));
                assertThat(predictor.predict(new float[] {})).isEqualTo(filledUp());
                assertThat(predictor.predictAll(IntStream.range(0, 20)
                                .mapToObj(i -> new float[] {i})
                                .toList()))
                        .containsExactlyElementsOf(IntStream.range(0, 20)
                                .mapToObj(i -> filledUp(i))
                                .toList());
            }
        }
    }

    @Test
    void predict_afterFullRows_seesZerosWhereAViewWasNotWritten() throws IOException {
        assertZeros((tensor, row) -> tensor.asFloatBuffer().put(row));
    }

    @Test
    void predict_afterFullRows_seesZerosWhereBytesWereNotWritten() throws IOException {
        assertZeros((tensor, row) -> tensor.asByteBuffer().asFloatBuffer().put(row));
    }

    @Test
    void predict_afterFullRows_seesZerosWhereSeveralViewsWroteALittle() throws IOException {
        assertZeros((tensor, row) -> {
            for (int i = 0; i < row.length; i++) {
                tensor.asFloatBuffer().put(i, row[i]);
            }
        });
    }

    @Test
    void predict_afterFullRows_seesZerosWhereAPartWasNotWritten() throws IOException {
        assertZeros((tensor, row) -> {
            if (row.length > 0) {
                tensor.lendPart(0, row.length).copyFrom(row);
            }
        });
    }

    @Test
    void preprocess_readsNothingOfWhoeverHadTheRow() throws IOException {
        assertZeros((tensor, row) -> {
            float[] found = tensor.toFloatArray();
            assertThat(found).containsOnly(0);
            System.arraycopy(row, 0, found, 0, row.length);
            tensor.copyFrom(found);
        });
    }

    @Test
    void predict_whoseHandlerClosesWhatItWasLent_seesZeros() throws IOException {
        assertZeros((tensor, row) -> {
            tensor.asFloatBuffer().put(row);
            tensor.close();
        });
    }

    /** The row of a request that failed half-way is used again, too. */
    @Test
    void predict_afterAFailedRequest_seesNothingOfIt() throws IOException {
        BiConsumer<Tensor, float[]> failing = (tensor, row) -> {
            tensor.asFloatBuffer().put(row);
            if (row.length == WIDTH) {
                throw new InvalidInputException("full");
            }
        };
        try (Predictor<float[], float[]> predictor = open(new Partial(failing), 4)) {
            for (int i = 0; i < 10; i++) {
                assertThat(predictor.predictAsync(full(7))).failsWithin(Duration.ofSeconds(30));
                assertThat(predictor.predict(new float[] {3})).isEqualTo(filledUp(3));
            }
        }
    }

    @Test
    void predict_ofAnotherType_seesZeros() throws IOException {
        Handler<long[], long[]> handler = new Handler<>() {
            @Override
            public Answer<long[]> preprocess(long[] request, Inputs inputs) {
                inputs.tensor(DataType.INT64, WIDTH).asLongBuffer().put(request);
                return output -> output.asTensor().toLongArray();
            }
        };
        try (Predictor<long[], long[]> predictor = open(handler, 4)) {
            long[] full = LongStream.generate(() -> 7).limit(WIDTH).toArray();
            predictor.predictAll(Stream.generate(() -> full).limit(9).toList());
            assertThat(predictor.predict(new long[] {5})).isEqualTo(Arrays.copyOf(new long[] {5}, WIDTH));
        }
    }

    /** Rows that fill a batch up to its size are copies of one that is in it. */
    @Test
    void batch_thatIsFilledUp_holdsNothingOfEarlierOnes() throws IOException {
        try (Predictor<float[], float[]> predictor =
                open(new Partial((tensor, row) -> tensor.asFloatBuffer().put(row)), 8)) {
            predictor.predictAll(IntStream.range(0, 32).mapToObj(i -> full(7)).toList());
            seen.clear();
            List<CompletableFuture<float[]>> answers = IntStream.range(0, 3)
                    .mapToObj(i -> predictor.predictAsync(full(i)))
                    .toList();
            answers.forEach(CompletableFuture::join);
            predictor.predictAll(List.of(full(0), full(1), full(2)));
            assertThat(seen).allSatisfy(row -> assertThat(row[0]).isBetween(0f, 2f));
        }
    }
}
