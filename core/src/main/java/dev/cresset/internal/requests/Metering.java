package dev.cresset.internal.requests;

import dev.cresset.DeadlineExceededException;
import dev.cresset.OverloadedException;
import dev.cresset.internal.metrics.Recorder;
import dev.cresset.internal.metrics.Tally;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Counts from the start, and measures from the first look on: before it there is no recorder, and so no clock that a call
 * would pay for. Instances are safe for use by several threads.
 */
public final class Metering {

    private final Tally tally = new Tally();
    private volatile @Nullable Recorder recorder;

    /** Where to count. */
    public Tally tally() {
        return tally;
    }

    /** Where to measure, or null while nobody has looked. */
    @Nullable
    public Recorder recorder() {
        return recorder;
    }

    /** Counts a request that has no answer. */
    public void failed(Throwable why) {
        if (why instanceof OverloadedException) {
            tally.rejected();
        } else if (why instanceof DeadlineExceededException) {
            tally.expired();
        } else if (why instanceof CancellationException) {
            tally.cancelled();
        } else {
            tally.failed(why);
        }
    }

    /** Where to measure, from the first time that somebody asks. */
    public Recorder recording() {
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
