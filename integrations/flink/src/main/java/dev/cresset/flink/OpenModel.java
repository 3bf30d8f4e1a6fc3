package dev.cresset.flink;

import dev.cresset.Outcome;
import dev.cresset.PredictorMetrics;
import dev.cresset.registry.Prediction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A model that answers, on a task manager; shared by subtasks. Safe for use by several threads.
 *
 * @param <I> what the model is asked
 * @param <O> what it answers
 */
interface OpenModel<I, O> extends AutoCloseable {

    /**
     * Answers one request later.
     *
     * @param within how long it may take; null for as long as it takes
     * @param to gets the answer or why there is none, on a thread of the model's
     * @return cancels the request
     */
    CompletableFuture<?> ask(
            I request, @Nullable Duration within, BiConsumer<@Nullable Prediction<O>, @Nullable Throwable> to);

    /** Answers several, each for itself, in their order; the calling thread waits. */
    List<Outcome<Prediction<O>>> askEach(List<I> requests, @Nullable Duration within);

    /** The model's name in metrics. */
    String name();

    /** What it has done, all subtasks together. */
    PredictorMetrics metrics();

    /** How often another version took over. */
    default long updates() {
        return 0;
    }

    /** How often one could not. */
    default long failedUpdates() {
        return 0;
    }

    @Override
    void close();
}
