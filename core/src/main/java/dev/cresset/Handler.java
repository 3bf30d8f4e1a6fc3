package dev.cresset;

import java.util.Optional;

/**
 * What stands between a caller's request and a model: it writes the request into the model's inputs, and says how the answer is
 * read from the model's output. One item at a time: batches are made between the two.
 *
 * <pre>{@code
 * Handler<float[], Float> score = (row, inputs) -> {
 *     inputs.tensor(DataType.FLOAT32, row.length).copyFrom(row);
 *     return output -> output.asTensor().toFloatArray()[0];
 * };
 * }</pre>
 *
 * <p>Tensors that a handler is given are lent: they die when the method returns, so copy what you keep. An {@link
 * InvalidInputException} says that the request is at fault; whatever else a handler throws becomes a {@link
 * ModelExecutionException} with that as its cause.
 *
 * <p>A predictor calls its handler from all its callers' threads at once: keep no state between calls, or guard it. What
 * belongs to one request goes from the first half to the second in the {@link Answer}.
 *
 * @param <I> what a caller asks
 * @param <O> what the caller gets; a plain value that holds nothing of what was lent
 */
@FunctionalInterface
public interface Handler<I, O> {

    /**
     * Writes one request into the model's inputs, and returns what will read its answer.
     *
     * @param request what the caller asks
     * @param inputs where to write it; lent until this method returns
     */
    Answer<O> preprocess(I request, Inputs inputs) throws Exception;

    /**
     * A request to try the model with when it is opened; none, unless all requests become inputs of the same sizes, and
     * such a one can be made up.
     */
    default Optional<I> example() {
        return Optional.empty();
    }

    /**
     * Whether the first dimension of the model's tensors counts items, as it does in nearly every model. The handler then
     * sees tensors without it: those of one item. Otherwise it sees them as the model does.
     */
    default boolean isBatched() {
        return true;
    }
}
