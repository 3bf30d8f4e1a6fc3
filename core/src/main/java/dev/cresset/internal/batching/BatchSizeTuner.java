package dev.cresset.internal.batching;

import dev.cresset.OutOfDeviceMemoryException;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out with an example, before the first request, whether a model's items may go together and up to how many it pays.
 *
 * <p>They may not if an item's answer in a batch is not what it is alone: a model may count something else in its first
 * dimension. Two rows tell: the example, and one of zeros, which are numbers and indices alike. It pays as long as a row
 * costs less in a larger batch: a network that keeps the processor busy with one item answers none faster by waiting for
 * others.
 *
 * <p>Used by one thread.
 */
public final class BatchSizeTuner {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /** A row may cost so much more than in the best batch, if the batch is smaller for it. */
    private static final double AS_GOOD = 1.1;

    private static final int FEWEST_RUNS = 3;
    private static final long SHORTEST_NANOS = 1_000_000;

    private final String model;
    private final Layout layout;
    private final List<@Nullable Tensor> example;
    private final Replica replica;
    private final Difference difference;
    private final LongSupplier nanoTime;

    /** Says how two answers differ, or nothing. */
    public interface Difference {
        Optional<String> between(Value expected, Value found);
    }

    /** The example's tensors are the layout's, in order; lent. */
    public BatchSizeTuner(
            String model,
            Layout layout,
            List<@Nullable Tensor> example,
            Replica replica,
            Difference difference,
            LongSupplier nanoTime) {
        this.model = model;
        this.layout = layout;
        this.example = example;
        this.replica = replica;
        this.difference = difference;
        this.nanoTime = nanoTime;
    }

    /** The sizes to run batches in. */
    public Buckets choose(int largest, long budgetNanos) {
        if (largest == 1 || !layout.stacks()) {
            return Buckets.upTo(1);
        }
        Buckets all = Buckets.upTo(largest).fitting(layout);
        try (BatchBuffer buffer = new BatchBuffer(layout, true, all, replica)) {
            fill(buffer, example);
            Optional<String> reason = whyAlone(buffer, all);
            if (reason.isPresent()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        model + " answers requests one by one, not in batches: " + reason.get());
                return Buckets.upTo(1);
            }
            return upToWhatPays(buffer, all, budgetNanos);
        }
    }

    static void fill(BatchBuffer buffer, List<@Nullable Tensor> example) {
        for (int i = 0; i < example.size(); i++) {
            Tensor tensor = example.get(i);
            for (int row = 0; tensor != null && row < buffer.capacity(); row++) {
                buffer.row(i, row).copyFrom(tensor);
            }
        }
    }

    /** The second row of a new buffer is zeros before it is filled; here it becomes that again. */
    private Optional<String> whyAlone(BatchBuffer buffer, Buckets buckets) {
        int two = buckets.indexFor(2);
        try (BatchBuffer alone = new BatchBuffer(layout, true, Buckets.upTo(1), replica);
                BatchBuffer zeros = new BatchBuffer(layout, true, Buckets.upTo(1), replica)) {
            fill(alone, example);
            buffer.copyRow(zeros, 0, 1);
            Value together = buffer.run(two);
            if (!Outputs.count(together, buckets.size(two))) {
                return Optional.of("it answers " + buckets.size(two) + " items with " + together);
            }
            Optional<String> reason = difference
                    .between(alone.run(0), Outputs.item(together, 0))
                    .or(() -> difference.between(zeros.run(0), Outputs.item(together, 1)));
            buffer.copyRow(alone, 0, 1);
            return reason.map(text -> "in a batch, it " + text);
        } catch (RuntimeException e) {
            return Optional.of("on two items at once, " + e.getMessage());
        }
    }

    private Buckets upToWhatPays(BatchBuffer buffer, Buckets all, long budgetNanos) {
        long begin = nanoTime.getAsLong();
        double[] perRow = new double[all.count()];
        Arrays.fill(perRow, Double.POSITIVE_INFINITY);
        int best = 0;
        for (int i = 0; i < all.count(); i++) {
            boolean hopeless = all.size(i) > 4 * all.size(best);
            if (hopeless || (i > 0 && nanoTime.getAsLong() - begin > budgetNanos)) {
                break;
            }
            try {
                perRow[i] = fastest(buffer, i) / (double) all.size(i);
            } catch (OutOfDeviceMemoryException e) {
                break; // nor has a larger one room
            }
            if (perRow[i] * AS_GOOD < perRow[best]) {
                best = i;
            }
        }
        int chosen = 0;
        while (perRow[chosen] > AS_GOOD * perRow[best]) {
            chosen++;
        }
        int size = all.size(chosen);
        LOG.log(
                System.Logger.Level.INFO,
                String.format(
                        Locale.ROOT,
                        "%s: batches of up to %d (%d allowed); an item takes %.1f us alone, %.1f us in %d",
                        model,
                        size,
                        all.largest(),
                        perRow[0] / 1000,
                        perRow[chosen] / 1000,
                        size));
        return Buckets.upTo(size);
    }

    /** The first runs of a size may compile; then the least disturbed one counts. */
    private long fastest(BatchBuffer buffer, int bucket) {
        long fastest = Long.MAX_VALUE;
        long spent = 0;
        for (int run = 0; run < FEWEST_RUNS || spent < SHORTEST_NANOS; run++) {
            long start = nanoTime.getAsLong();
            buffer.run(bucket);
            long nanos = nanoTime.getAsLong() - start;
            spent += nanos;
            fastest = Math.min(fastest, nanos);
        }
        return fastest;
    }
}
