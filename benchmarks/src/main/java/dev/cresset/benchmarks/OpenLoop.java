package dev.cresset.benchmarks;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.ZooModel;
import dev.cresset.DeadlineExceededException;
import dev.cresset.OverloadedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Latency against load: requests come when a Poisson process says so, whether earlier ones are answered or not, and each is timed from
 * the moment that it was due. {@code OpenLoop cresset-1|cresset-64|djl RATE,RATE,... SECONDS}; a line a rate:
 * {@code way rate answered/s p50 p99 p99.9 rejected}, times in microseconds. Any failure but a typed rejection ends it.
 *
 * <p>One thread asks. It shares the processors with what it measures, as an application does.
 */
public final class OpenLoop {

    private static final int QUEUE = 1024;

    private OpenLoop() {}

    /** What is asked. */
    private interface Asked extends AutoCloseable {
        CompletableFuture<float[]> ask(float[] row);

        @Override
        void close();
    }

    /** Runs it. */
    public static void main(String[] args) throws Exception {
        Rows rows = new Rows(Recorded.MLP);
        double seconds = Double.parseDouble(args[2]);
        StringBuilder lines = new StringBuilder();
        try (Asked asked = args[0].startsWith("djl") ? djl() : cresset(Integer.parseInt(args[0].split("-", 2)[1]))) {
            run(asked, rows, 20_000, 4, new Random(0)); // warm
            for (String rate : args[1].split(",", -1)) {
                Measured measured = run(asked, rows, Double.parseDouble(rate), seconds, new Random(1));
                String line = String.format(
                        Locale.ROOT,
                        "%s %s %.0f %.1f %.1f %.1f %d",
                        args[0],
                        rate,
                        measured.answered() / seconds,
                        measured.percentile(0.5) / 1e3,
                        measured.percentile(0.99) / 1e3,
                        measured.percentile(0.999) / 1e3,
                        measured.rejected());
                System.out.println(line);
                lines.append(line).append('\n');
            }
        }
        if (args.length > 3) {
            Files.writeString(Path.of(args[3]), lines);
        }
    }

    private static Asked cresset(int maxBatch) throws IOException {
        dev.cresset.Predictor<float[], float[]> predictor =
                ManyCallersBenchmark.predictor(Recorded.MLP, maxBatch, QUEUE);
        return new Asked() {
            @Override
            public CompletableFuture<float[]> ask(float[] row) {
                return predictor.predictAsync(row);
            }

            @Override
            public void close() {
                predictor.close();
            }
        };
    }

    /** What its users build: a pool of as many threads as there are processors, a predictor each, and a bounded queue. */
    private static Asked djl() throws Exception {
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        ZooModel<float[], float[]> model = DjlFloats.open(Recorded.MLP);
        int threads = Runtime.getRuntime().availableProcessors();
        ThreadLocal<Predictor<float[], float[]>> own = ThreadLocal.withInitial(model::newPredictor);
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE));
        return new Asked() {
            @Override
            public CompletableFuture<float[]> ask(float[] row) {
                try {
                    return CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return own.get().predict(row);
                                } catch (Exception e) {
                                    throw new CompletionException(e);
                                }
                            },
                            pool);
                } catch (RejectedExecutionException e) {
                    return CompletableFuture.failedFuture(e);
                }
            }

            @Override
            public void close() {
                pool.shutdownNow();
                model.close();
            }
        };
    }

    /** Times in a histogram of 1 % steps. */
    private static final class Measured {
        private final AtomicLongArray counts = new AtomicLongArray(3000);
        private final AtomicLong rejected = new AtomicLong();
        private final AtomicLong done = new AtomicLong();
        private volatile @Nullable Throwable failure;

        void took(long nanos) {
            counts.incrementAndGet((int) Math.min(2999, 100 * Math.log((double) Math.max(1, nanos))));
            done.incrementAndGet();
        }

        void failed(Throwable e) {
            Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
            boolean typed = cause instanceof OverloadedException
                    || cause instanceof DeadlineExceededException
                    || cause instanceof RejectedExecutionException;
            if (!typed) {
                failure = cause;
            }
            rejected.incrementAndGet();
            done.incrementAndGet();
        }

        long answered() {
            return done.get() - rejected.get();
        }

        long rejected() {
            return rejected.get();
        }

        double percentile(double share) {
            long wanted = (long) Math.ceil(share * answered());
            for (int i = 0; i < counts.length(); i++) {
                wanted -= counts.get(i);
                if (wanted <= 0) {
                    return Math.exp(i / 100.0);
                }
            }
            return Double.NaN;
        }
    }

    private static Measured run(Asked asked, Rows rows, double rate, double seconds, Random random) throws Exception {
        Measured measured = new Measured();
        int requests = (int) (rate * seconds);
        List<Long> gaps = new ArrayList<>();
        for (int i = 0; i < 4096; i++) {
            gaps.add((long) (-Math.log(1 - random.nextDouble()) / rate * 1e9));
        }
        long due = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            due += gaps.get(random.nextInt(gaps.size()));
            await(due);
            int row = i;
            long start = due;
            CompletableFuture<Void> noted = asked.ask(rows.input(row)).handle((answer, e) -> {
                if (e == null) {
                    rows.check(row, answer);
                    measured.took(System.nanoTime() - start);
                } else {
                    measured.failed(e);
                }
                return null;
            });
            if (noted.isCompletedExceptionally()) {
                noted.join(); // a wrong answer
            }
        }
        while (measured.done.get() < requests) {
            TimeUnit.MILLISECONDS.sleep(1);
            if (System.nanoTime() > due + 20_000_000_000L) {
                throw new IllegalStateException(requests - measured.done.get() + " requests were never answered");
            }
        }
        if (measured.failure != null) {
            throw new IllegalStateException("not a typed rejection", measured.failure);
        }
        return measured;
    }

    /** Sleeps while there is time to, so that who answers has the processor; then looks at the clock. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it
    private static void await(long due) {
        long left = due - System.nanoTime();
        while (left > 0) {
            if (left > 100_000) {
                LockSupport.parkNanos(left - 60_000);
            } else {
                Thread.yield();
            }
            left = due - System.nanoTime();
        }
    }
}
