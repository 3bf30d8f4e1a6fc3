package dev.cresset;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one of several requests: an answer, or why there is none. Made by {@link Predictor#predictEach}.
 *
 * <p>Immutable, safe for use by several threads if the answer is.
 *
 * @param <O> the answer
 */
public final class Outcome<O> {

    private final @Nullable O answer;
    private final @Nullable InferenceException failure;

    private Outcome(@Nullable O answer, @Nullable InferenceException failure) {
        this.answer = answer;
        this.failure = failure;
    }

    /** There is an answer. */
    public static <O> Outcome<O> answered(O answer) {
        return new Outcome<>(answer, null);
    }

    /** There is none. */
    public static <O> Outcome<O> failed(InferenceException failure) {
        return new Outcome<>(null, failure);
    }

    /** Whether there is an answer. */
    public boolean isAnswered() {
        return failure == null;
    }

    /**
     * The answer.
     *
     * @throws InferenceException if there is none: {@link #failure}
     */
    @SuppressWarnings("NullAway") // an answer is what the handler says it is, null included
    public O answer() {
        if (failure != null) {
            throw failure;
        }
        return answer;
    }

    /** Why there is no answer, if there is none. */
    public Optional<InferenceException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public String toString() {
        return failure == null ? String.valueOf(answer) : failure.toString();
    }
}
