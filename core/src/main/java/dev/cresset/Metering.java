package dev.cresset;

import dev.cresset.internal.metrics.Recorder;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts from the first look on; before it there is no recorder, and so nothing that a call would pay for. Instances are
 * safe for use by several threads.
 */
final class Metering {

    private final IntSupplier waiting;
    private final IntSupplier running;
    private volatile @Nullable Recorder recorder;

    Metering(IntSupplier waiting, IntSupplier running) {
        this.waiting = waiting;
        this.running = running;
    }

    /** Where to count, or null while nobody has looked. */
    @Nullable
    Recorder recorder() {
        return recorder;
    }

    /** What was counted since the first look, which is this one where there was none. */
    PredictorMetrics look() {
        return new PredictorMetrics(recording());
    }

    private Recorder recording() {
        Recorder found = recorder;
        return found == null ? start() : found;
    }

    private synchronized Recorder start() {
        Recorder found = recorder;
        if (found == null) {
            found = new Recorder(waiting, running);
            recorder = found;
        }
        return found;
    }
}
