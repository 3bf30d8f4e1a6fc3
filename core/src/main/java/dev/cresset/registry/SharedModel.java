package dev.cresset.registry;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A model that is being opened, is open, or could not be opened, and how many hold it. The count and what follows of it are
 * guarded by the lock of {@link SharedModels}; the rest is safe for use by several threads.
 */
final class SharedModel<M extends AutoCloseable> {

    private final CompletableFuture<M> model = new CompletableFuture<>();
    private int holders;
    private long idleSince;
    private boolean retired;

    void hold() {
        holders++;
    }

    void letGo(long now) {
        holders--;
        idleSince = now;
    }

    boolean isIdle(long now, long nanos) {
        return holders == 0 && now - idleSince >= nanos;
    }

    boolean hasFailed() {
        return model.isCompletedExceptionally();
    }

    /** From now on nobody finds it any more. */
    void retire() {
        retired = true;
    }

    /** Whether it is found no more and held no more: true for the last who lets it go, or else for who retired it. */
    boolean mustBeClosed() {
        return retired && holders == 0;
    }

    void openOnItsOwnThread(Callable<? extends M> opening) {
        Thread thread = new Thread(() -> open(opening), "cresset-shared-open");
        thread.setDaemon(true);
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader()); // where handlers are looked for
        try {
            thread.start();
        } catch (Throwable e) { // there can be no thread more, and others wait
            model.completeExceptionally(e);
        }
    }

    private void open(Callable<? extends M> opening) {
        try {
            model.complete(opening.call());
        } catch (Throwable e) {
            model.completeExceptionally(e);
        }
    }

    M await() throws InterruptedException, ExecutionException {
        return model.get();
    }

    /** Closes it, as soon as it is open if it is being opened; what could not be opened needs no closing. */
    void close() {
        CompletableFuture<Void> unused = model.thenAccept(SharedModel::close);
    }

    private static void close(AutoCloseable model) {
        try {
            model.close();
        } catch (Exception e) {
            System.getLogger("dev.cresset").log(System.Logger.Level.WARNING, "a shared model could not be closed", e);
        }
    }
}
