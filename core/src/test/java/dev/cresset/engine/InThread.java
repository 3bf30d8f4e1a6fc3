package dev.cresset.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Runs something in a thread of its own. The common pool will not do: with two processors it has one thread, and tests that
 * wait for each other wait for ever.
 */
public final class InThread {

    private InThread() {}

    /** Runs it; the future ends as it does. */
    public static CompletableFuture<Void> run(Runnable action) {
        return CompletableFuture.runAsync(action, InThread::start);
    }

    /** Runs it; the future ends as it does. */
    public static <T> CompletableFuture<T> supply(Supplier<T> action) {
        return CompletableFuture.supplyAsync(action, InThread::start);
    }

    private static void start(Runnable action) {
        new Thread(action, "test").start();
    }
}
