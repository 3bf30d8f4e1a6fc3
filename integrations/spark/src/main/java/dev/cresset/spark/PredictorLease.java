package dev.cresset.spark;

import dev.cresset.Predictor;
import java.util.concurrent.atomic.AtomicBoolean;

/** A task's hold on a predictor of its JVM. The task closes it; again does nothing. Safe for use by several threads. */
final class PredictorLease<I, O> implements AutoCloseable {

    private final SharedPredictors all;
    private final SharedPredictor<I, O> shared;
    private final Predictor<I, O> predictor;
    private final AtomicBoolean closed = new AtomicBoolean();

    PredictorLease(SharedPredictors all, SharedPredictor<I, O> shared, Predictor<I, O> predictor) {
        this.all = all;
        this.shared = shared;
        this.predictor = predictor;
    }

    Predictor<I, O> predictor() {
        return predictor;
    }

    Progress.Claimed claimed() {
        return shared.claimed();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            all.release(shared);
        }
    }
}
