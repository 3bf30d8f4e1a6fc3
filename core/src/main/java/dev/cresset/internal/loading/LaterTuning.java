package dev.cresset.internal.loading;

import dev.cresset.internal.tuning.Samples;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tuning that waits for the first call that succeeds, and takes copies of its inputs: beside the calls, on a thread of its own,
 * or within that call.
 *
 * <p>Instances are safe for use by several threads.
 */
final class LaterTuning {
    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /** Two that are timed beside each other would disturb each other. */
    private static final Semaphore ONE_AT_A_TIME = new Semaphore(1);

    private static final long LOOK_MILLIS = 20;

    private final String model;
    private final boolean inBackground;
    private final Tuning tuning;
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile boolean cancelled;
    private @Nullable Thread thread;
    private @Nullable Runnable afterwards;

    /** What is to be done once there are inputs. */
    interface Tuning {
        /**
         * Tunes.
         *
         * @param samples open for as long as this takes
         * @param cancelled whether nobody waits for it any more
         */
        void tune(List<Value> samples, BooleanSupplier cancelled);
    }

    LaterTuning(String model, boolean inBackground, Tuning tuning) {
        this.model = model;
        this.inBackground = inBackground;
        this.tuning = tuning;
    }

    /** Tunes with copies of these, if nobody has begun. They are the caller's. */
    void begin(List<Value> arguments) {
        if (begun.get() || !begun.compareAndSet(false, true)) {
            return;
        }
        List<Value> samples = copied(arguments);
        if (samples.isEmpty() && !arguments.isEmpty()) {
            return;
        }
        if (inBackground) {
            start(samples);
        } else {
            tune(samples);
        }
    }

    /** A call that has its answer does not fail for want of memory for this. */
    private List<Value> copied(List<Value> arguments) {
        try {
            return Samples.copied(arguments);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.log(System.Logger.Level.WARNING, model + " is not tuned: its first call's inputs cannot be copied", e);
            return List.of();
        }
    }

    private synchronized void start(List<Value> samples) {
        if (cancelled) {
            samples.forEach(Value::close);
            return;
        }
        thread = new Thread(() -> inTurn(samples), "cresset-tuning " + model);
        thread.setDaemon(true);
        thread.start();
    }

    private void inTurn(List<Value> samples) {
        try {
            boolean mine = false;
            while (!mine && !cancelled) {
                mine = ONE_AT_A_TIME.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
            try {
                tune(samples);
            } finally {
                if (mine) {
                    ONE_AT_A_TIME.release();
                }
            }
        } catch (InterruptedException e) {
            samples.forEach(Value::close); // somebody wants this thread to end
        } finally {
            done();
        }
    }

    private void tune(List<Value> samples) {
        try {
            if (!cancelled) {
                tuning.tune(samples, () -> cancelled);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            // A listener's, or want of memory: the model serves as it did.
            LOG.log(System.Logger.Level.WARNING, model + " is not tuned", e);
        } finally {
            samples.forEach(Value::close);
        }
    }

    private void done() {
        Runnable next;
        synchronized (this) {
            thread = null;
            next = afterwards;
        }
        if (next != null) {
            next.run();
        }
    }

    /**
     * Ends it, then closes what it uses: when this returns, but if it is called from within, by a listener; then when that has come
     * to its end.
     */
    void cancelThen(Runnable close) {
        Thread running;
        synchronized (this) {
            cancelled = true;
            running = thread;
            if (running == Thread.currentThread()) {
                afterwards = close;
                return;
            }
        }
        joined(running);
        close.run();
    }

    private static void joined(@Nullable Thread running) {
        boolean interrupted = false;
        while (running != null && running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true; // it still uses the model
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
