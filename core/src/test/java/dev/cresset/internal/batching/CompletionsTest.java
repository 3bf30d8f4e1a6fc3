package dev.cresset.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Executors that do not do what executors are for. */
class CompletionsTest {

    private static final int MANY = 100_000;

    @Test
    void dispatch_toWhoRunsAtOnce_takesOneAfterTheOther() {
        Completions completions = new Completions(Runnable::run, new HashSet<>(), MANY);
        List<Integer> ended = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            int end = i;
            completions.add(() -> ended.add(end));
        }

        completions.dispatch();

        assertThat(ended).isEqualTo(IntStream.range(0, MANY).boxed().toList());
    }

    @Test
    void dispatch_toWhoRefusesAtTimes_losesNone() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(MANY);
        Completions completions = new Completions(
                task -> {
                    if (asked.incrementAndGet() % 2 == 0) {
                        throw new RejectedExecutionException("full");
                    }
                    task.run();
                },
                new HashSet<>(),
                MANY);
        for (int i = 0; i < MANY; i++) {
            completions.add(() -> {
                ended.incrementAndGet();
                all.countDown();
            });
        }

        completions.dispatch();

        all.await();
        assertThat(ended.get()).isEqualTo(MANY);
    }

    @Test
    void onOwnThread_afterTheExecutorDroppedThem_endsAllOnce() throws InterruptedException {
        Set<Completions> handedOver = new HashSet<>();
        AtomicInteger ended = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(MANY);
        Completions completions = new Completions(task -> {}, handedOver, MANY);
        for (int i = 0; i < MANY; i++) {
            completions.add(() -> {
                ended.incrementAndGet();
                all.countDown();
            });
        }

        completions.dispatch();
        assertThat(handedOver).containsExactly(completions);
        completions.onOwnThread();
        all.await();
        completions.run();

        assertThat(ended.get()).isEqualTo(MANY);
        assertThat(handedOver).isEmpty();
    }
}
