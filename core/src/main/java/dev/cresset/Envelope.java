package dev.cresset;

import java.util.List;

/**
 * The form of a request that holds several items: what is taken out of it for the handler, which sees one item at a time,
 * and how the answers are put together. {@link dev.cresset.handler.Envelopes} has TorchServe's; without one, a request is one item.
 *
 * <p>A predictor calls its envelope from all its callers' threads at once.
 *
 * @param <I> what a caller asks, and what the handler is asked
 * @param <O> what the handler answers, and what the caller gets
 */
@FunctionalInterface
public interface Envelope<I, O> {

    /**
     * Reads a request.
     *
     * @throws InvalidInputException if it has not this form
     */
    Opened<I, O> open(I request);

    /** A request that was read. Used by one thread. */
    interface Opened<I, O> {

        /** What the handler is asked, in order. */
        List<I> items();

        /** The answer to the request, from those to its items. */
        O answer(List<O> answers);
    }
}
