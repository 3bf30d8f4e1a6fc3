package dev.cresset.flink;

import dev.cresset.InferenceException;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a record that cannot be scored: one that the model does not take, that it fails on, for which there is no memory,
 * or that takes longer than it may. Other records are scored as if it had not come. Whatever becomes of it, it is counted.
 *
 * <p>A model that is closed or gone is no record's fault, and always fails the job.
 *
 * <p>Immutable, serialisable, safe for use by several threads.
 *
 * @param <T> the records' type
 * @param <R> the results' type
 */
public final class OnFailure<T, R> implements Serializable {

    private static final long serialVersionUID = 1L;

    private enum Kind {
        FAIL_JOB,
        DROP,
        SIDE_OUTPUT,
        RESULT
    }

    private final Kind kind;
    private final @Nullable OutputTag<FailedRecord<T>> tag;
    private final @Nullable Substitute<T, R> substitute;

    private OnFailure(Kind kind, @Nullable OutputTag<FailedRecord<T>> tag, @Nullable Substitute<T, R> substitute) {
        this.kind = kind;
        this.tag = tag;
        this.substitute = substitute;
    }

    /** It fails the job, which Flink restarts from the last checkpoint, as its restart strategy says. */
    public static <T, R> OnFailure<T, R> failJob() {
        return new OnFailure<>(Kind.FAIL_JOB, null, null);
    }

    /** It is left out. */
    public static <T, R> OnFailure<T, R> drop() {
        return new OnFailure<>(Kind.DROP, null, null);
    }

    /** It goes to a side output, with the reason: {@link FailedRecord#tag}. */
    public static <T, R> OnFailure<T, R> sideOutput(OutputTag<FailedRecord<T>> tag) {
        return new OnFailure<>(Kind.SIDE_OUTPUT, Objects.requireNonNull(tag, "tag"), null);
    }

    /** It has a result that says so. */
    public static <T, R> OnFailure<T, R> result(Substitute<T, R> substitute) {
        return new OnFailure<>(Kind.RESULT, null, Objects.requireNonNull(substitute, "substitute"));
    }

    /**
     * Makes the result of a record that has no answer. Called by the task's thread.
     *
     * @param <T> the records' type
     * @param <R> the results' type
     */
    @FunctionalInterface
    public interface Substitute<T, R> extends Serializable {
        /** The result, instead of what the answer would have made. */
        R result(T record, InferenceException why) throws Exception;
    }

    Optional<OutputTag<FailedRecord<T>>> tag() {
        return Optional.ofNullable(tag);
    }

    /**
     * Deals with a record.
     *
     * @param emission in which form results, and what goes aside, are emitted
     * @return what goes on as its result
     * @throws InferenceException why, if it fails the job
     */
    <E> Optional<E> failed(T record, InferenceException why, Emission<T, R, E> emission) throws Exception {
        return switch (kind) {
            case FAIL_JOB -> throw why;
            case DROP -> Optional.empty();
            case SIDE_OUTPUT ->
                Optional.of(emission.aside(
                        new FailedRecord<>(record, why.getClass().getSimpleName(), String.valueOf(why.getMessage()))));
            case RESULT ->
                Optional.of(emission.result(Objects.requireNonNull(substitute).result(record, why)));
        };
    }

    @Override
    public String toString() {
        return kind.name();
    }
}
