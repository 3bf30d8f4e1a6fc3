package dev.cresset.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Models that nobody owns: who opens, who holds, who closes, and the races at their ends. */
class SharedModelsTest {

    private static final Duration LONG = Duration.ofHours(1);

    private final SharedModels<String, Counted> models = SharedModels.builder().build();
    private final SharedModels<String, Counted> kept =
            SharedModels.builder().keepIdle(LONG).keepFailed(LONG).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final CountDownLatch openingBegan = new CountDownLatch(1);
    private final CountDownLatch mayOpen = new CountDownLatch(1);

    @AfterEach
    void allIsClosed() {
        kept.closeAll();
        threads.shutdownNow();
        assertThat(models.keys()).isEmpty();
        assertThat(kept.keys()).isEmpty();
        assertThat(closed).hasValue(opened.get());
    }

    private final class Counted implements AutoCloseable {
        private final AtomicBoolean isClosed = new AtomicBoolean();

        Counted() {
            opened.incrementAndGet();
        }

        @Override
        public void close() {
            assertThat(isClosed.compareAndSet(false, true)).as("closed once").isTrue();
            closed.incrementAndGet();
        }
    }

    private Counted slowly() throws InterruptedException {
        openingBegan.countDown();
        mayOpen.await();
        return new Counted();
    }

    private static void awaitWaiting(AtomicReference<Thread> thread) {
        while (stateOf(thread.get()) != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    private static Thread.State stateOf(@Nullable Thread thread) {
        return thread == null ? Thread.State.NEW : thread.getState();
    }

    @Test
    void acquire_byManyAtOnce_opensOnce() throws Exception {
        CountDownLatch all = new CountDownLatch(8);
        Callable<SharedModels.Lease<Counted>> task = () -> {
            all.countDown();
            all.await();
            return kept.acquire("a", Counted::new);
        };
        List<Counted> found = new ArrayList<>();
        for (Future<SharedModels.Lease<Counted>> one : threads.invokeAll(Collections.nCopies(8, task))) {
            try (SharedModels.Lease<Counted> lease = one.get()) {
                found.add(lease.model());
            }
        }
        assertThat(found).hasSize(8).containsOnly(found.get(0));
        assertThat(opened).hasValue(1);
    }

    @Test
    void acquire_again_sharesUntilTheLastIsClosed() throws Exception {
        SharedModels.Lease<Counted> first = models.acquire("a", Counted::new);
        SharedModels.Lease<Counted> second = models.acquire("a", Counted::new);

        assertThat(second.model()).isSameAs(first.model());
        first.close();
        first.close();
        assertThat(closed).hasValue(0);
        second.close();
        assertThat(closed).hasValue(1);
    }

    @Test
    void acquire_ofAnotherKey_opensAnother() throws Exception {
        try (SharedModels.Lease<Counted> one = models.acquire("a", Counted::new);
                SharedModels.Lease<Counted> other = models.acquire("b", Counted::new)) {
            assertThat(other.model()).isNotSameAs(one.model());
            assertThat(models.keys()).containsExactlyInAnyOrder("a", "b");
        }
    }

    @Test
    void acquire_afterTheLastWasClosed_opensAnew() throws Exception {
        models.acquire("a", Counted::new).close();
        models.acquire("a", Counted::new).close();

        assertThat(opened).hasValue(2);
    }

    @Test
    void acquire_afterTheLastWasClosed_findsWhatIsKept() throws Exception {
        kept.acquire("a", Counted::new).close();
        kept.acquire("a", Counted::new).close();

        assertThat(opened).hasValue(1);
    }

    @Test
    void closeIdle_leavesWhatIsHeldAndWhatWasUsedLately() throws Exception {
        kept.acquire("idle", Counted::new).close();
        try (SharedModels.Lease<Counted> held = kept.acquire("held", Counted::new)) {
            kept.closeIdle();
            assertThat(kept.keys()).containsExactlyInAnyOrder("idle", "held");
            assertThat(held.model().isClosed).isFalse();
        }
    }

    @Test
    void idleModel_afterItsTime_isClosedByItself() throws Exception {
        SharedModels<String, Counted> briefly =
                SharedModels.builder().keepIdle(Duration.ofMillis(1)).build();
        briefly.acquire("a", Counted::new).close();
        while (closed.get() == 0) {
            Thread.onSpinWait(); // the test's time limit ends it
        }
        assertThat(briefly.keys()).isEmpty();
    }

    @Test
    void closeAll_whileOneIsHeld_waitsForItsHolder() throws Exception {
        SharedModels.Lease<Counted> held = kept.acquire("a", Counted::new);
        kept.closeAll();
        assertThat(kept.keys()).isEmpty();
        assertThat(held.model().isClosed).isFalse();
        held.close();
        assertThat(held.model().isClosed).isTrue();
    }

    @Test
    void closeAll_thenAcquire_opensAnew() throws Exception {
        SharedModels.Lease<Counted> old = kept.acquire("a", Counted::new);
        kept.closeAll();
        try (SharedModels.Lease<Counted> now = kept.acquire("a", Counted::new)) {
            old.close();
            assertThat(now.model().isClosed).isFalse();
        }
        assertThat(opened).hasValue(2);
    }

    @Test
    void opening_thatFails_isToldToAllWhoWait_andTriedAgainLater() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Callable<Counted> failing = () -> {
            tries.incrementAndGet();
            openingBegan.countDown();
            mayOpen.await();
            throw new IOException("a.mar: no such file");
        };
        Future<?> first = threads.submit(() -> models.acquire("a", failing));
        openingBegan.await();
        AtomicReference<Thread> waiting = new AtomicReference<>();
        Future<?> second = threads.submit(() -> {
            waiting.set(Thread.currentThread());
            return models.acquire("a", failing);
        });
        awaitWaiting(waiting);
        mayOpen.countDown();

        assertThatThrownBy(first::get).hasRootCauseMessage("a.mar: no such file");
        assertThatThrownBy(second::get).hasRootCauseMessage("a.mar: no such file");
        assertThat(tries).hasValue(1);
        models.acquire("a", Counted::new).close();
    }

    @Test
    void failure_thatIsKept_isToldWithoutAnotherTry() {
        AtomicInteger tries = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> kept.acquire("a", () -> {
                        tries.incrementAndGet();
                        throw new IOException("the disk is full");
                    }))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("the disk is full");
        }
        assertThat(tries).hasValue(1);
    }

    @Test
    void interruptOfWhoCameFirst_leavesTheOpeningToTheOthers() throws Exception {
        AtomicReference<Thread> first = new AtomicReference<>();
        Future<?> killed = threads.submit(() -> {
            first.set(Thread.currentThread());
            return models.acquire("a", this::slowly);
        });
        openingBegan.await();
        AtomicReference<Thread> waiting = new AtomicReference<>();
        Future<SharedModels.Lease<Counted>> other = threads.submit(() -> {
            waiting.set(Thread.currentThread());
            return models.acquire("a", this::slowly);
        });
        awaitWaiting(waiting);
        requireNonNull(first.get()).interrupt();
        assertThatThrownBy(killed::get).hasCauseInstanceOf(InterruptedException.class);
        mayOpen.countDown();
        try (SharedModels.Lease<Counted> lease = other.get()) {
            assertThat(lease.model().isClosed).isFalse();
        }
        assertThat(opened).hasValue(1);
    }

    @Test
    void interruptOfAllWhoWait_closesWhatIsOpenedForNobody() throws Exception {
        AtomicReference<Thread> only = new AtomicReference<>();
        Future<?> waiter = threads.submit(() -> {
            only.set(Thread.currentThread());
            return models.acquire("a", this::slowly);
        });
        openingBegan.await();
        requireNonNull(only.get()).interrupt();
        assertThatThrownBy(waiter::get).hasCauseInstanceOf(InterruptedException.class);
        assertThat(models.keys()).isEmpty();
        mayOpen.countDown();
        while (closed.get() == 0) {
            Thread.onSpinWait(); // the test's time limit ends it
        }
    }

    @Test
    void opening_hasTheContextClassLoaderOfWhoAsks() throws Exception {
        ClassLoader job = new ClassLoader() {};
        AtomicReference<ClassLoader> seen = new AtomicReference<>();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(job);
        try {
            models.acquire("a", () -> {
                        seen.set(Thread.currentThread().getContextClassLoader());
                        return new Counted();
                    })
                    .close();
        } finally {
            thread.setContextClassLoader(before);
        }
        assertThat(seen).hasValue(job);
    }

    @Test
    void manyThreads_neverShareWhatIsClosed() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            all.add(threads.submit(() -> {
                for (int i = 0; i < 1_000; i++) {
                    try (SharedModels.Lease<Counted> lease = models.acquire("key " + i % 3, Counted::new)) {
                        assertThat(lease.model().isClosed).isFalse();
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
    }

    @Test
    void builder_withANegativeTime_isRefused() {
        assertThatThrownBy(() -> SharedModels.builder().keepIdle(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an idle model cannot be kept for PT-1S; zero keeps none");
    }
}
