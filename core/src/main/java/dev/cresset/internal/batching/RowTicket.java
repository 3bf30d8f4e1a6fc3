package dev.cresset.internal.batching;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One row's wait, from the moment that it is ready to the moment that its output can be read.
 *
 * <p>A row is taken by who runs it, or withdrawn by who waits for it: one step on one word decides. After the run it is
 * answered, unless who waited has left meanwhile; then who ran it gives the row back.
 *
 * <p>Instances are safe for use by several threads.
 */
public abstract class RowTicket {

    private static final int READY = 0;
    private static final int TAKEN = 1;
    private static final int DONE = 2;
    private static final int WITHDRAWN = 3;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(RowTicket.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** As {@link System#nanoTime} counts, or {@link #NEVER}. */
    private final long deadline;

    @SuppressWarnings("UnusedVariable") // by its handle
    private volatile int state;

    private @Nullable RowOutput output; // written before DONE is
    private @Nullable Throwable failure; // written before DONE is
    private long asked; // these two written before the row is handed over
    private long written;
    private @Nullable QueueSlots slots; // whose slot it holds while it is ready

    /** No deadline. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Waits until a time, as {@link System#nanoTime} counts, or for ever. */
    protected RowTicket(long deadline) {
        this.deadline = deadline;
    }

    /** Called when there is an output or a failure, by who ran the row. It must be quick, and throw nothing. */
    protected abstract void done(Completions completions);

    /** What a row fails with that is still waiting when its deadline has passed. */
    protected abstract Throwable late();

    /** Whether there is somebody to answer; asked once, before the run. */
    protected boolean isWanted() {
        return true;
    }

    /** Remembers when the row was asked for and written, as {@link System#nanoTime} counts: for metrics. */
    public final void times(long whenAsked, long whenWritten) {
        asked = whenAsked;
        written = whenWritten;
    }

    /** When the row was asked for; zero if nobody counted then. */
    public final long asked() {
        return asked;
    }

    final long written() {
        return written;
    }

    final void holds(QueueSlots held) {
        slots = held;
    }

    /** Whether there is an output or a failure. */
    public final boolean isDone() {
        return state == DONE;
    }

    /** Nanoseconds until the deadline, at most zero if it is over. */
    public final long remaining() {
        return deadline == NEVER ? NEVER : deadline - System.nanoTime();
    }

    final boolean hasDeadline() {
        return deadline != NEVER;
    }

    /** Asked by the thread that will run the row; false if it was withdrawn. */
    final boolean take() {
        return STATE.compareAndSet(this, READY, TAKEN);
    }

    /**
     * Called by the thread that waits, when it gives up. A row that was not taken will never run, and its slot is free. Of
     * one that is running, nobody will read the output.
     *
     * @return false if it is done already, or was withdrawn before
     */
    public final boolean withdraw() {
        if (STATE.compareAndSet(this, READY, WITHDRAWN)) {
            QueueSlots held = slots;
            if (held != null) {
                held.leave(1);
            }
            return true;
        }
        return STATE.compareAndSet(this, TAKEN, WITHDRAWN);
    }

    final void answer(RowOutput of, Completions completions) {
        output = of;
        if (STATE.compareAndSet(this, TAKEN, DONE)) {
            done(completions);
        } else {
            of.release();
        }
    }

    /** Fails it, unless it was answered before what went wrong did. */
    final void fail(Throwable reason, Completions completions) {
        if (state == DONE) {
            return;
        }
        failure = reason;
        if (STATE.compareAndSet(this, TAKEN, DONE)) {
            done(completions);
        }
    }

    /** What went wrong, once it is done; null if there is an output. */
    public final @Nullable Throwable failure() {
        return failure;
    }

    /** The output, once it is done; to be released when it was read. */
    public final RowOutput output() {
        RowOutput read = output;
        if (read == null) {
            throw new IllegalStateException("there is no output");
        }
        return read;
    }
}
