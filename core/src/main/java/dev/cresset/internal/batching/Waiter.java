package dev.cresset.internal.batching;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The wait of a thread that stands still until its row is answered. */
public final class Waiter extends RowTicket {

    private final Supplier<? extends Throwable> late;
    private volatile @Nullable Thread parked;

    /** Waits until a time, as {@link System#nanoTime} counts; what it fails with then is made when it is needed. */
    public Waiter(long deadline, Supplier<? extends Throwable> late) {
        super(deadline);
        this.late = late;
    }

    /** Before the last look whether it is done: whoever makes it done looks for a parked thread after that. */
    void parks(Thread thread) {
        parked = thread;
    }

    @Override
    protected void done(Completions completions) {
        Thread thread = parked;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    protected Throwable late() {
        return late.get();
    }
}
