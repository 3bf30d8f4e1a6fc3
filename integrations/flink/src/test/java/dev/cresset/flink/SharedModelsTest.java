package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Outcome;
import dev.cresset.PredictorMetrics;
import dev.cresset.registry.Prediction;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Models that subtasks share, and the races at their ends. */
class SharedModelsTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    @AfterEach
    void allIsClosed() {
        threads.shutdownNow();
        assertThat(SharedModels.count()).isZero();
        assertThat(closed).hasValue(opened.get());
    }

    private static SharedModels.Key key(String identity) {
        return new SharedModels.Key(SharedModelsTest.class.getClassLoader(), "settings", identity);
    }

    private final class Counted implements OpenModel<String, String> {
        private final AtomicBoolean isClosed = new AtomicBoolean();

        Counted() {
            opened.incrementAndGet();
        }

        @Override
        public CompletableFuture<?> ask(
                String request,
                @Nullable Duration within,
                BiConsumer<@Nullable Prediction<String>, @Nullable Throwable> to) {
            throw new AssertionError("it is only opened and closed");
        }

        @Override
        public List<Outcome<Prediction<String>>> askEach(List<String> requests, @Nullable Duration within) {
            throw new AssertionError("it is only opened and closed");
        }

        @Override
        public String name() {
            return "counted";
        }

        @Override
        public PredictorMetrics metrics() {
            throw new AssertionError("it is only opened and closed");
        }

        @Override
        public void close() {
            assertThat(isClosed.compareAndSet(false, true)).as("closed once").isTrue();
            closed.incrementAndGet();
        }
    }

    private SharedModels.Lease<String, String> acquired(String identity) throws IOException, InterruptedException {
        return SharedModels.acquire(key(identity), Counted::new);
    }

    @Test
    void acquire_again_sharesUntilTheLastIsClosed() throws Exception {
        SharedModels.Lease<String, String> first = acquired("a");
        SharedModels.Lease<String, String> second = acquired("a");

        assertThat(second.model()).isSameAs(first.model());
        first.close();
        first.close();
        assertThat(closed).hasValue(0);
        second.close();
        assertThat(closed).hasValue(1);
    }

    @Test
    void acquire_ofAnotherKey_opensAnother() throws Exception {
        try (SharedModels.Lease<String, String> one = acquired("a");
                SharedModels.Lease<String, String> other = acquired("b")) {
            assertThat(other.model()).isNotSameAs(one.model());
        }
    }

    @Test
    void acquire_afterTheLastWasClosed_opensAnew() throws Exception {
        acquired("a").close();
        acquired("a").close();

        assertThat(opened).hasValue(2);
    }

    @Test
    void opening_thatFails_isToldToAllWhoWait_andTriedAgainLater() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch fail = new CountDownLatch(1);
        AtomicInteger tries = new AtomicInteger();
        Callable<Object> asks = () -> SharedModels.<String, String>acquire(key("a"), () -> {
            tries.incrementAndGet();
            entered.countDown();
            awaitQuietly(fail);
            throw new IOException("a.mar: no such file");
        });
        Future<Object> first = threads.submit(asks);
        entered.await();
        CountDownLatch started = new CountDownLatch(1);
        Thread[] waiting = new Thread[1];
        Future<Object> second = threads.submit(() -> {
            waiting[0] = Thread.currentThread();
            started.countDown();
            return asks.call();
        });
        started.await();
        while (waiting[0].getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        fail.countDown();

        assertThatThrownBy(first::get).hasRootCauseMessage("a.mar: no such file");
        assertThatThrownBy(second::get).hasRootCauseMessage("a.mar: no such file");
        assertThat(tries).hasValue(1);
        acquired("a").close();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void waiter_interrupted_leavesTheModelToWhoOpensIt() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        Future<SharedModels.Lease<String, String>> opener = threads.submit(() -> SharedModels.acquire(key("a"), () -> {
            entered.countDown();
            awaitQuietly(open);
            return new Counted();
        }));
        entered.await();
        Future<?> waiter = threads.submit(() -> {
            Thread.currentThread().interrupt();
            return acquired("a");
        });

        assertThatThrownBy(waiter::get).hasCauseInstanceOf(InterruptedException.class);
        open.countDown();
        opener.get().close();
        assertThat(opened).hasValue(1);
    }

    @Test
    void manyThreads_neverShareWhatIsClosed() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            all.add(threads.submit(() -> {
                for (int i = 0; i < 2_000; i++) {
                    try (SharedModels.Lease<String, String> lease = acquired("key " + i % 3)) {
                        assertThat(((Counted) lease.model()).isClosed).isFalse();
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
    }
}
