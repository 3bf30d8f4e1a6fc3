package dev.cresset.spark;

import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelExecutionException;
import dev.cresset.Outcome;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * What became of a row.
 *
 * @param answer the model's; means nothing if there is a refusal
 * @param refusal why there is no answer; null if there is one
 */
record ScoredRow<O>(Row row, O answer, @Nullable String refusal) {

    @SuppressWarnings("NullAway") // nobody looks at the answer then
    static <O> ScoredRow<O> refused(Row row, String reason) {
        return new ScoredRow<>(row, null, reason);
    }

    /** @throws InferenceException a failure that is no row's fault: no memory, no engine, a predictor that is closed */
    static <O> ScoredRow<O> of(Row row, Outcome<O> outcome) {
        InferenceException failure = outcome.failure().orElse(null);
        if (failure == null) {
            return new ScoredRow<>(row, outcome.answer(), null);
        }
        if (isOfTheRow(failure)) {
            return refused(row, reason(failure));
        }
        throw failure;
    }

    static boolean isOfTheRow(InferenceException failure) {
        return failure instanceof InvalidInputException || failure instanceof ModelExecutionException;
    }

    static String reason(RuntimeException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
