package dev.cresset.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ClosedException;
import dev.cresset.Predictor;
import dev.cresset.handler.TensorHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who opens, who holds and who closes. */
class SharedPredictorsTest {

    private static final PredictorKey KEY = new PredictorKey("model", "handler", null, 64);

    private final SharedPredictors predictors = new SharedPredictors(Duration.ofHours(1), Duration.ofHours(1));
    private final AtomicInteger opened = new AtomicInteger();

    @AfterEach
    void closeAll() {
        predictors.closeAll();
    }

    private Predictor<float[], float[]> open() throws IOException {
        opened.incrementAndGet();
        return Predictor.open(
                Path.of(Sessions.FIXTURES + "/risk/risk.pt"), TensorHandler.ofFloats()); // without a length: not tuned
    }

    @Test
    void acquire_byManyAtOnce_opensOnce() throws Exception {
        CountDownLatch all = new CountDownLatch(8);
        Callable<PredictorLease<float[], float[]>> task = () -> {
            all.countDown();
            all.await();
            return predictors.acquire(KEY, this::open);
        };
        ExecutorService tasks = Executors.newFixedThreadPool(8);
        List<PredictorLease<float[], float[]>> leases = new ArrayList<>();
        for (Future<PredictorLease<float[], float[]>> one : tasks.invokeAll(java.util.Collections.nCopies(8, task))) {
            leases.add(one.get());
        }
        tasks.shutdown();
        assertThat(opened).hasValue(1);
        assertThat(leases)
                .extracting(PredictorLease::predictor)
                .containsOnly(leases.get(0).predictor());
        leases.forEach(PredictorLease::close);
    }

    @Test
    void acquire_withAnotherKey_opensAnother() throws Exception {
        predictors.acquire(KEY, this::open).close();
        predictors
                .acquire(new PredictorKey("model", "handler", getClass().getClassLoader(), 64), this::open)
                .close();
        assertThat(opened).hasValue(2);
    }

    @Test
    void closeAll_whileOneIsHeld_waitsForItsHolder() throws Exception {
        PredictorLease<float[], float[]> held = predictors.acquire(KEY, this::open);
        predictors.closeAll();
        assertThat(held.predictor().predict(new float[30])).hasSize(1);
        held.close();
        assertThatThrownBy(() -> held.predictor().predict(new float[30])).isInstanceOf(ClosedException.class);
        assertThat(predictors.size()).isZero();
    }

    @Test
    void closeAll_thenAcquire_opensAnew() throws Exception {
        PredictorLease<float[], float[]> old = predictors.acquire(KEY, this::open);
        predictors.closeAll();
        try (PredictorLease<float[], float[]> now = predictors.acquire(KEY, this::open)) {
            old.close();
            assertThat(now.predictor().predict(new float[30])).hasSize(1);
        }
        assertThat(opened).hasValue(2);
    }

    @Test
    void close_twice_letsGoOnce() throws Exception {
        PredictorLease<float[], float[]> twice = predictors.acquire(KEY, this::open);
        try (PredictorLease<float[], float[]> other = predictors.acquire(KEY, this::open)) {
            twice.close();
            twice.close();
            predictors.closeAll();
            assertThat(other.predictor().predict(new float[30])).hasSize(1);
        }
    }

    @Test
    void closeIdle_leavesThoseThatAreHeld() throws Exception {
        SharedPredictors atOnce = new SharedPredictors(Duration.ZERO, Duration.ZERO);
        try (PredictorLease<float[], float[]> held = atOnce.acquire(KEY, this::open)) {
            atOnce.closeIdle();
            assertThat(atOnce.size()).isEqualTo(1);
            assertThat(held.predictor().predict(new float[30])).hasSize(1);
        }
        atOnce.closeIdle();
        assertThat(atOnce.size()).isZero();
    }

    @Test
    void failure_isRememberedForAWhile() {
        SharedPredictors.Opener<float[], float[]> failing = () -> {
            opened.incrementAndGet();
            throw new IOException("the disk is full");
        };
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> predictors.acquire(KEY, failing)).hasMessage("the disk is full");
        }
        assertThat(opened).hasValue(1);
    }

    @Test
    void failure_thatIsOld_isTriedAgain() throws Exception {
        SharedPredictors atOnce = new SharedPredictors(Duration.ofHours(1), Duration.ZERO);
        assertThatThrownBy(() -> atOnce.acquire(KEY, () -> {
                    throw new IOException("the disk is full");
                }))
                .hasMessage("the disk is full");
        atOnce.acquire(KEY, this::open).close();
        assertThat(opened).hasValue(1);
        atOnce.closeAll();
    }

    @Test
    void interruptOfAWaiter_leavesTheOpeningToTheOthers() throws Exception {
        CountDownLatch mayOpen = new CountDownLatch(1);
        CountDownLatch opening = new CountDownLatch(1);
        SharedPredictors.Opener<float[], float[]> slow = () -> {
            opening.countDown();
            mayOpen.await();
            return open();
        };
        ExecutorService tasks = Executors.newFixedThreadPool(2);
        Future<?> killed = tasks.submit(() -> predictors.acquire(KEY, slow));
        opening.await();
        Future<PredictorLease<float[], float[]>> other = tasks.submit(() -> predictors.acquire(KEY, slow));
        killed.cancel(/* mayInterruptIfRunning= */ true);
        mayOpen.countDown();
        try (PredictorLease<float[], float[]> lease = other.get()) {
            assertThat(lease.predictor().predict(new float[30])).hasSize(1);
        }
        assertThat(opened).hasValue(1);
        tasks.shutdown();
    }
}
