package dev.cresset.internal;

import static java.util.Objects.requireNonNullElse;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Work on a thread of its own, beside what its owner does meanwhile.
 *
 * <p>Used by one thread, which closes it: that waits until the work is over. An interrupt ends no wait, and stays with the thread.
 */
public final class BackgroundTask<T> implements AutoCloseable {

    private final FutureTask<T> work;

    private BackgroundTask(FutureTask<T> work) {
        this.work = work;
    }

    /** Starts it, on a thread of this name. Where there is no thread to be had, it is done before this returns. */
    public static <T> BackgroundTask<T> start(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            task.run();
        }
        return new BackgroundTask<>(task);
    }

    /** Does it here and now. */
    public static <T> BackgroundTask<T> now(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        task.run();
        return new BackgroundTask<>(task);
    }

    /** What came of it, once it is over; nothing, if it threw something. */
    public Optional<T> outcome() {
        close();
        try {
            return Optional.of(work.get());
        } catch (ExecutionException | InterruptedException e) {
            return Optional.empty();
        }
    }

    /** What came of it, once it is over; throws what it threw. */
    public T get() {
        close();
        try {
            return work.get();
        } catch (ExecutionException e) {
            Throwable thrown = requireNonNullElse(e.getCause(), e);
            if (thrown instanceof Error error) {
                throw error;
            }
            throw thrown instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(thrown);
        } catch (InterruptedException e) {
            throw new IllegalStateException("it was over before", e);
        }
    }

    /** Waits until it is over, whatever came of it. */
    @Override
    public void close() {
        boolean interrupted = false;
        while (!work.isDone()) {
            try {
                work.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
