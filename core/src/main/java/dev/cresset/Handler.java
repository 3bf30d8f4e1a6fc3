package dev.cresset;

import dev.cresset.tensor.Value;
import java.util.Optional;

/**
 * What stands between a caller's request and a model: it turns a request into the model's inputs, and the model's output
 * into an answer. One item at a time: batches are made between the two.
 *
 * <pre>{@code
 * final class Score implements Handler<float[], Float> {
 *     public void preprocess(float[] row, Inputs inputs) {
 *         inputs.tensor(DataType.FLOAT32, row.length).asFloatBuffer().put(row);
 *     }
 *
 *     public Float postprocess(Value output) {
 *         return output.asTensor().toFloatArray()[0];
 *     }
 * }
 * }</pre>
 *
 * <p>Tensors that a method is given are lent: they die when it returns, so copy what you keep. An {@link
 * InvalidInputException} says that the request is at fault; whatever else a method throws becomes a {@link
 * ModelExecutionException} with that as its cause.
 *
 * <p>A predictor calls its handler from all its callers' threads at once: keep no state between calls, or guard it.
 *
 * @param <I> what a caller asks
 * @param <O> what the caller gets; a plain value that holds nothing of what was lent
 */
public interface Handler<I, O> {

    /** Writes one request into the model's inputs. */
    void preprocess(I request, Inputs inputs) throws Exception;

    /** Reads the answer out of the model's output for one request. */
    O postprocess(Value output) throws Exception;

    /**
     * The same, for an answer that also depends on the request: where in a text a name was found. This is what a predictor
     * calls; a handler that wraps another passes it on.
     */
    default O postprocess(I request, Value output) throws Exception {
        return postprocess(output);
    }

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
