package dev.cresset;

import dev.cresset.tensor.Value;

/**
 * The second half of a {@link Handler}: reads the answer to one request out of the model's output. Made by the first half,
 * and so it may know what that has found out, such as where in a text each token stands.
 *
 * <p>Called at most once, by any thread. A request that fails or is cancelled before it was run has none.
 *
 * @param <O> the answer; a plain value that holds nothing of what was lent
 */
@FunctionalInterface
public interface Answer<O> {

    /**
     * Reads the answer.
     *
     * @param output the model's output for this request; its tensors are lent until this method returns
     * @throws InvalidInputException if the request is at fault; whatever else is thrown becomes a {@link
     *     ModelExecutionException} with that as its cause
     */
    O postprocess(Value output) throws Exception;
}
