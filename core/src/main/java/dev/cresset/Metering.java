package dev.cresset;

import dev.cresset.internal.metrics.Recorder;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Counts from the first look on; before it there is no recorder, and so nothing that a call would pay for. Instances are
 * safe for use by several threads.
 */
final class Metering {

    private volatile @Nullable Recorder recorder;

    /** Where to count, or null while nobody has looked. */
    @Nullable
    Recorder recorder() {
        return recorder;
    }

    /** What was counted since the first look, which is this one where there was none. */
    PredictorMetrics look(int waiting, int running) {
        return new PredictorMetrics(recording(), waiting, running);
    }

    /** Counts a request that has no answer. */
    void failed(Throwable why) {
        Recorder counting = recorder;
        if (counting == null) {
            return;
        }
        if (why instanceof OverloadedException) {
            counting.rejected();
        } else if (why instanceof DeadlineExceededException) {
            counting.expired();
        } else if (why instanceof CancellationException) {
            counting.cancelled();
        } else {
            counting.failed(why);
        }
    }

    private Recorder recording() {
        Recorder found = recorder;
        return found == null ? start() : found;
    }

    private synchronized Recorder start() {
        Recorder found = recorder;
        if (found == null) {
            found = new Recorder();
            recorder = found;
        }
        return found;
    }
}
