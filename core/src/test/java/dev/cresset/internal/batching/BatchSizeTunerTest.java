package dev.cresset.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** How large batches become, by what a model costs and answers; the clock is the test's. */
class BatchSizeTunerTest {

    private static final Layout TWO_FLOATS =
            new Layout(List.of(new Layout.TensorArgument(DataType.FLOAT32, new long[] {2}, false)));

    private long now;
    private final List<Long> sizes = new ArrayList<>();

    /** Doubles what it is given, for so many nanoseconds. */
    private final class Doubling implements EngineSession {
        private final Tensor input;
        private final LongUnaryOperator nanos;
        private final Function<Tensor, Value> answer;
        private Value result = Value.none();

        Doubling(List<Value> arguments, LongUnaryOperator nanos, Function<Tensor, Value> answer) {
            this.input = arguments.get(0).asTensor();
            this.nanos = nanos;
            this.answer = answer;
        }

        @Override
        public void run() {
            sizes.add(input.shape()[0]);
            now += nanos.applyAsLong(input.shape()[0]);
            result.close();
            result = answer.apply(input);
        }

        @Override
        public Value result() {
            return result;
        }

        @Override
        public void close() {
            result.close();
        }
    }

    private static Value doubled(Tensor input) {
        float[] numbers = input.toFloatArray();
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] *= 2;
        }
        return Tensor.of(numbers, input.shape());
    }

    private Buckets choose(int largest, LongUnaryOperator nanos, Function<Tensor, Value> answer) {
        try (Tensor example = Tensor.of(new float[] {3, 4}, 2)) {
            return new BatchSizeTuner(
                            "m.mar",
                            TWO_FLOATS,
                            List.of(example),
                            arguments -> new Doubling(arguments, nanos, answer),
                            BatchSizeTunerTest::difference,
                            () -> now)
                    .choose(largest, 1_000_000_000_000L);
        }
    }

    private static Optional<String> difference(Value expected, Value found) {
        return java.util.Arrays.equals(
                        expected.asTensor().toFloatArray(), found.asTensor().toFloatArray())
                ? Optional.empty()
                : Optional.of("answers " + found + " for " + expected);
    }

    @Test
    void choose_aCallCostsTheSameForAnyRows_takesTheLargest() {
        assertThat(choose(64, rows -> 10_000, BatchSizeTunerTest::doubled).largest())
                .isEqualTo(64);
    }

    @Test
    void choose_eachRowCostsTheSame_staysAlone() {
        assertThat(choose(64, rows -> rows * 1_000_000, BatchSizeTunerTest::doubled)
                        .largest())
                .isEqualTo(1);
    }

    @Test
    void choose_eachRowCostsTheSame_givesUpSoon() {
        choose(1024, rows -> rows * 1_000_000, BatchSizeTunerTest::doubled);
        assertThat(sizes).allMatch(size -> size <= 4);
    }

    @Test
    void choose_savingsEnd_takesTheSmallestThatIsNearlyTheBest() {
        // A row costs 1.0 alone, 0.55 in 2, 0.33 in 4, and hardly less from there on.
        assertThat(choose(
                                64,
                                rows -> 900_000 + (100_000 + (rows > 8 ? 110_000 : 0)) * rows,
                                BatchSizeTunerTest::doubled)
                        .largest())
                .isEqualTo(8);
    }

    @Test
    void choose_aRowAnswersDifferentlyAmongOthers_staysAlone() {
        Function<Tensor, Value> overTheBatch = input -> {
            float[] numbers = input.toFloatArray();
            float sum = 0;
            for (float number : numbers) {
                sum += number;
            }
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] += numbers.length == 2 ? 0 : sum;
            }
            return Tensor.of(numbers, input.shape());
        };
        assertThat(choose(64, rows -> 10_000, overTheBatch).largest()).isEqualTo(1);
    }

    @Test
    void choose_theOutputCountsNoItems_staysAlone() {
        assertThat(choose(64, rows -> 10_000, input -> Tensor.of(new float[] {1}, 1))
                        .largest())
                .isEqualTo(1);
    }

    @Test
    void choose_theModelFailsOnTwo_staysAlone() {
        Function<Tensor, Value> onlyOne = input -> {
            if (input.shape()[0] > 1) {
                throw new IllegalStateException("one at a time");
            }
            return doubled(input);
        };
        assertThat(choose(64, rows -> 10_000, onlyOne).largest()).isEqualTo(1);
    }

    @Test
    void buckets_goUpByHalves_toTheLargest() {
        assertThat(Buckets.upTo(24)).hasToString("[1, 2, 3, 4, 6, 8, 12, 16, 24]");
        assertThat(Buckets.upTo(7)).hasToString("[1, 2, 3, 4, 6, 7]");
        assertThat(Buckets.upTo(1)).hasToString("[1]");
        assertThat(Buckets.upTo(2)).hasToString("[1, 2]");
    }

    @Test
    void buckets_fitRows() {
        Buckets buckets = Buckets.upTo(20);
        for (int rows = 1; rows <= 20; rows++) {
            int size = buckets.size(buckets.indexFor(rows));
            assertThat(size).isBetween(rows, Math.max(rows, rows + rows / 2));
        }
    }
}
