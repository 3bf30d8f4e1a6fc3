package dev.cresset.spark;

import dev.cresset.Predictor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A predictor that is being opened, is open, or could not be opened, and how many hold it. The counts are guarded by the lock of
 * {@link SharedPredictors}; the rest is safe for use by several threads.
 */
final class SharedPredictor<I, O> {

    private final CompletableFuture<Predictor<I, O>> predictor = new CompletableFuture<>();
    private final Progress.Claimed claimed = new Progress.Claimed();
    private int holders;
    private long idleSince;
    private boolean retired;

    void hold() {
        holders++;
    }

    /** Whether it must now be closed: nobody holds it, and nobody finds it any more. */
    boolean letGo(long now) {
        holders--;
        idleSince = now;
        return holders == 0 && retired;
    }

    boolean isIdle(long now, long nanos) {
        return holders == 0 && predictor.isDone() && now - idleSince >= nanos;
    }

    /** Whether it failed, and long enough ago to be tried again. */
    boolean isOver(long now, long nanos) {
        return predictor.isCompletedExceptionally() && holders == 0 && now - idleSince >= nanos;
    }

    /** It is found no more. Whether it must be closed now, for nobody holds it. */
    boolean retire() {
        retired = true;
        return holders == 0;
    }

    void openOnItsOwnThread(SharedPredictors.Opener<I, O> opener) {
        Thread thread = new Thread(
                () -> {
                    try {
                        predictor.complete(opener.open());
                    } catch (Throwable e) {
                        predictor.completeExceptionally(e);
                    }
                },
                "cresset-spark-open");
        thread.setDaemon(true);
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader()); // where handlers are looked for
        thread.start();
    }

    Predictor<I, O> await() throws InterruptedException {
        try {
            return predictor.get();
        } catch (ExecutionException e) {
            throw new ModelOpening.Failed(e.getCause() == null ? e : e.getCause());
        }
    }

    /** What was counted, and handed to some task. */
    Progress.Claimed claimed() {
        return claimed;
    }

    /** Waits for one that is being opened. */
    void close() {
        CompletableFuture<Void> unused = predictor.thenAccept(Predictor::close);
    }
}
