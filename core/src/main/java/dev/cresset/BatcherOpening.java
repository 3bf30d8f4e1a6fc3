package dev.cresset;

import dev.cresset.internal.batching.Batcher;
import dev.cresset.internal.batching.Buckets;
import dev.cresset.internal.batching.Prepared;
import dev.cresset.internal.batching.Trial;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Opens a model's batcher; with an example, after finding out how large batches pay, and having met all sizes of them. */
final class BatcherOpening {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private final Model model;
    private final boolean counted;
    private final Batching wanted;
    private final Duration budget;

    BatcherOpening(Model model, boolean counted, Batching wanted, Duration budget) {
        this.model = model;
        this.counted = counted;
        this.wanted = wanted;
        this.budget = budget;
    }

    /** The batcher closes the model. */
    Batcher open(int workers, int queue, @Nullable Executor completeOn, Metering metering, @Nullable Filling example) {
        Batcher.Settings settings = new Batcher.Settings(
                model.name(),
                counted,
                example == null ? Buckets.upTo(wanted.maxSize()) : buckets(example),
                workers,
                queue,
                wanted.maxSize() == 1 ? 0 : Deadlines.nanos(wanted.maxDelay()),
                completeOn,
                metering.tally(),
                metering::recorder);
        Batcher batcher = new Batcher(settings, preparer(), model::close);
        boolean success = false;
        try {
            if (example != null) {
                warmUp(batcher, example);
            }
            success = true;
            return batcher;
        } finally {
            if (!success) {
                batcher.close();
            }
        }
    }

    private Prepared.Preparer preparer() {
        return arguments -> model.session("forward", arguments, List.of());
    }

    private Buckets buckets(Filling example) {
        return new Trial(
                        model.name(),
                        example.layout(),
                        example.tensors(),
                        preparer(),
                        (expected, found) -> Agreement.upToRounding().difference(expected, found),
                        System::nanoTime)
                .choose(wanted.maxSize(), Deadlines.nanos(budget));
    }

    private void warmUp(Batcher batcher, Filling example) {
        try {
            batcher.warmUp(example.layout(), example.tensors());
        } catch (InferenceException e) {
            LOG.log(System.Logger.Level.WARNING, "not warmed up, for the example failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while warming up " + model.name());
        }
    }
}
