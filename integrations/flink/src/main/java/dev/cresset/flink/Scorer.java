package dev.cresset.flink;

import dev.cresset.DeadlineExceededException;
import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.OutOfNativeMemoryException;
import dev.cresset.OverloadedException;
import dev.cresset.registry.Prediction;
import dev.cresset.registry.SharedModels;
import java.io.IOException;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * One subtask's way from a record to a result: the user's functions, what becomes of failures, and the counting. The model is
 * shared with other subtasks; the rest belongs to the task's thread.
 *
 * @param <E> what is emitted
 */
final class Scorer<I, O, T, R, E> implements AutoCloseable {

    private final Definition<I, O, T, R> definition;
    private final Emission<T, R, E> emission;
    private final SharedModels.Lease<OpenModel<I, O>> lease;
    private final ScoringMetrics metrics;

    private Scorer(
            Definition<I, O, T, R> definition,
            Emission<T, R, E> emission,
            SharedModels.Lease<OpenModel<I, O>> lease,
            ScoringMetrics metrics) {
        this.definition = definition;
        this.emission = emission;
        this.lease = lease;
        this.metrics = metrics;
    }

    /** Opens the model, or waits for another subtask that does. */
    static <I, O, T, R, E> Scorer<I, O, T, R, E> open(
            Definition<I, O, T, R> definition, Emission<T, R, E> emission, RuntimeContext task, IntSupplier inFlight)
            throws IOException, InterruptedException {
        SharedModels.Lease<OpenModel<I, O>> lease = definition.acquire(task);
        boolean success = false;
        try {
            ScoringMetrics metrics = new ScoringMetrics(task.getMetricGroup(), lease.model(), inFlight);
            success = true;
            return new Scorer<>(definition, emission, lease, metrics);
        } finally {
            if (!success) {
                lease.close();
            }
        }
    }

    OpenModel<I, O> model() {
        return lease.model();
    }

    /**
     * What the model is asked.
     *
     * @throws InvalidInputException if the record cannot be made a request
     */
    I request(T record) {
        I request;
        try {
            request = definition.requests().map(record);
        } catch (InvalidInputException e) {
            throw e;
        } catch (Exception e) {
            throw new InvalidInputException("the record cannot be made a request: " + e, e);
        }
        if (request == null) {
            throw new InvalidInputException("the record was made a request that is null");
        }
        return request;
    }

    /** What is emitted for an answer; nothing if what the user makes of it fails, and failures are dropped. */
    Optional<E> answered(T record, Prediction<O> prediction) throws Exception {
        R result;
        try {
            result = definition.results().join(record, prediction);
        } catch (InferenceException e) {
            return failed(record, e);
        } catch (Exception e) {
            return failed(record, new ModelExecutionException("the answer cannot be made a result: " + e, e));
        }
        metrics.scored();
        return Optional.of(emission.result(result));
    }

    /** What is emitted for a record without an answer. */
    Optional<E> failed(T record, Throwable why) throws Exception {
        if (why instanceof InferenceException failure && isOfTheRecord(failure)) {
            metrics.failed(failure);
            return definition.onFailure().failed(record, failure, emission);
        }
        if (why instanceof Error e) {
            throw e;
        }
        throw (Exception) why;
    }

    /** Others are of the model, and so of all records. */
    private static boolean isOfTheRecord(InferenceException failure) {
        return failure instanceof InvalidInputException
                || failure instanceof ModelExecutionException
                || failure instanceof DeadlineExceededException
                || failure instanceof OutOfNativeMemoryException
                || failure instanceof OverloadedException;
    }

    DeadlineExceededException late() {
        return new DeadlineExceededException(
                "the record was not scored by " + lease.model().name() + " in time");
    }

    @Override
    public void close() {
        lease.close();
    }
}
