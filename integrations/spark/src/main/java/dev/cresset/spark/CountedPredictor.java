package dev.cresset.spark;

import dev.cresset.Predictor;

/**
 * A predictor that the tasks of a JVM share, and which of its counts some task has reported. Safe for use by several threads.
 *
 * @param claimed what was counted, and handed to some task
 */
record CountedPredictor<I, O>(Predictor<I, O> predictor, Progress.Claimed claimed) implements AutoCloseable {

    CountedPredictor(Predictor<I, O> predictor) {
        this(predictor, new Progress.Claimed());
    }

    @Override
    public void close() {
        predictor.close();
    }
}
