package dev.cresset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.internal.batching.Completions;
import dev.cresset.internal.batching.DeadlineTimer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Threads that have nothing to do end soon: each keeps its class loader, whose application may be gone. */
class IdleThreadsTest {

    private static void assertEnds(CompletableFuture<Thread> seen) throws Exception {
        Thread thread = seen.get(10, TimeUnit.SECONDS);
        thread.join(TimeUnit.SECONDS.toMillis(5));
        assertThat(thread.isAlive()).as("%s lives", thread).isFalse();
    }

    @Test
    void callbacks_afterTheLast_leaveNoThread() throws Exception {
        CompletableFuture<Thread> seen = new CompletableFuture<>();
        Completions.run(() -> seen.complete(Thread.currentThread()));
        assertEnds(seen);
    }

    @Test
    void deadlines_afterTheLast_leaveNoThread() throws Exception {
        CompletableFuture<Thread> seen = new CompletableFuture<>();
        DeadlineTimer.at(System.nanoTime() + TimeUnit.HOURS.toNanos(1), () -> {})
                .cancel(false);
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("cresset-deadlines"))
                .forEach(seen::complete);
        assertEnds(seen);
    }
}
