package dev.cresset.internal.requests;

import dev.cresset.Batching;
import dev.cresset.InferenceException;
import dev.cresset.internal.Durations;
import dev.cresset.internal.batching.BatchSizeTuner;
import dev.cresset.internal.batching.Batcher;
import dev.cresset.internal.batching.Buckets;
import dev.cresset.internal.batching.Replica;
import dev.cresset.internal.tuning.Agreement;
import dev.cresset.tensor.Value;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Opens a model's batcher; with an example, after finding out how large batches pay, and having met all sizes of them. */
public final class BatcherOpening {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private final String model;
    private final List<Replica> replicas;
    private final Runnable closeModel;
    private final boolean counted;
    private final Batching wanted;
    private final Duration budget;
    private final Optional<Duration> runTime;

    /**
     * For one model.
     *
     * @param model its name
     * @param replicas where it is, with calls of its {@code forward}; the first is tried
     * @param closeModel what the batcher does when it is closed
     * @param counted whether the first dimension of its tensors counts items
     * @param wanted how requests are to go together
     * @param budget how long may be spent on looking for the sizes that pay
     * @param runTime what a run of the example takes, if that is known
     */
    public BatcherOpening(
            String model,
            List<Replica> replicas,
            Runnable closeModel,
            boolean counted,
            Batching wanted,
            Duration budget,
            Optional<Duration> runTime) {
        this.model = model;
        this.replicas = replicas;
        this.closeModel = closeModel;
        this.counted = counted;
        this.wanted = wanted;
        this.budget = budget;
        this.runTime = runTime;
    }

    /** The batcher closes the model. */
    public Batcher open(
            int workers,
            int queue,
            long queueMemory,
            @Nullable Executor completeOn,
            Metering metering,
            @Nullable ItemWriter example) {
        Batcher.Settings settings = new Batcher.Settings(
                model,
                counted,
                example == null ? Buckets.upTo(wanted.maxSize()) : buckets(example),
                workers,
                queue,
                queueMemory,
                wanted.maxSize() == 1 ? 0 : Durations.nanos(wanted.maxDelay()),
                BatcherOpening::difference,
                completeOn,
                metering.tally(),
                metering::recorder);
        Batcher batcher = new Batcher(settings, replicas, closeModel);
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

    private Buckets buckets(ItemWriter example) {
        return new BatchSizeTuner(
                        model,
                        example.layout(),
                        example.tensors(),
                        replicas.get(0),
                        BatcherOpening::difference,
                        System::nanoTime)
                .choose(wanted.maxSize(), Durations.nanos(budget));
    }

    private static Optional<String> difference(Value expected, Value found) {
        return Agreement.upToRounding().difference(expected, found);
    }

    private void warmUp(Batcher batcher, ItemWriter example) {
        try {
            batcher.warmUp(example.layout(), example.tensors(), runTime);
        } catch (InferenceException e) {
            LOG.log(System.Logger.Level.WARNING, "not warmed up, for the example failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while warming up " + model);
        }
    }
}
