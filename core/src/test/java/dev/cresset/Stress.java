package dev.cresset;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Many threads that ask a few predictors in every way there is, take requests back, come too late, ask nonsense, and close
 * the predictors under each other. Every answer is checked; whatever is no answer must be an exception that its request
 * has earned.
 *
 * <p>The seed decides what each thread does; who is faster is the machine's choice. Minutes come with {@code
 * -Dcresset.stress=5}.
 */
public final class Stress {

    /** How long a future may take before it counts as lost. */
    private static final long LOST_SECONDS = 60;

    private static final int THREADS = 64;
    private static final int SEATS = 4;
    private static final int MOST_OUTSTANDING = 24;

    /** What is asked, and who answers. Used by all threads at once. */
    public interface Subject {
        /** Opens a predictor: another queue, other batches each time. Its default deadline, if any, is long. */
        Predictor<float[], float[]> open(Random random) throws IOException;

        /** A request that has an answer. */
        float[] request(Random random);

        /** A request that has none. */
        Refused refused(Random random);

        /** Whether this is its answer. */
        boolean isAnswer(float[] request, float[] answer);
    }

    /**
     * A request that is refused, and how.
     *
     * @param request the request
     * @param reason the type of the exception
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Refused(float[] request, Class<? extends InferenceException> reason) {}

    private enum Kind {
        SYNC,
        ALL,
        ASYNC,
        OPENED,
        ANSWERED,
        REFUSED,
        CANCELLED,
        LATE,
        OVERLOADED,
        CLOSED
    }

    private final Subject subject;
    private final long seed;
    private final AtomicReferenceArray<Seat> seats = new AtomicReferenceArray<>(SEATS);
    private final Queue<Seat> left = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Map<Kind, LongAdder> counts = new EnumMap<>(Kind.class);

    /** A predictor that may be replaced by another: where an update will go, once there is one. */
    private record Seat(Predictor<float[], float[]> predictor, AtomicBoolean closing) {
        void close() {
            closing.set(true);
            predictor.close();
        }
    }

    /** One request on its way, and what may become of it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Asked(
            Seat seat,
            float[] request,
            @Nullable Class<? extends InferenceException> refusal,
            boolean hasDeadline,
            CompletableFuture<float[]> future) {}

    private Stress(Subject subject, long seed) {
        this.subject = subject;
        this.seed = seed;
        for (Kind kind : Kind.values()) {
            counts.put(kind, new LongAdder());
        }
    }

    /** As long as was asked for on the command line, or else so long. */
    public static Duration length(Duration unlessAsked) {
        String minutes = System.getProperty("cresset.stress", "");
        return minutes.isEmpty() ? unlessAsked : Duration.ofMinutes(Long.parseLong(minutes));
    }

    /** Asks for so long, closes everything, and says what happened. */
    public static String run(Subject subject, long seed, Duration length) throws Exception {
        Stress stress = new Stress(subject, seed);
        stress.run(length);
        String figures = "seed " + seed + ", " + THREADS + " threads, " + length.toSeconds() + " s: " + stress.counts;
        Throwable failed = stress.failure.get();
        if (failed != null) {
            throw new AssertionError(figures, failed);
        }
        return figures;
    }

    private void run(Duration length) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < SEATS; i++) {
            seats.set(i, open(random));
        }
        long end = System.nanoTime() + length.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Random own = new Random(seed + i);
            threads.add(new Thread(() -> ask(own, end), "stress-" + i));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        for (int i = 0; i < SEATS; i++) {
            seats.get(i).close();
        }
        left.forEach(Seat::close); // by now, or by their callbacks
    }

    private Seat open(Random random) throws IOException {
        count(Kind.OPENED);
        return new Seat(subject.open(random), new AtomicBoolean());
    }

    private void ask(Random random, long end) {
        Deque<Asked> outstanding = new ArrayDeque<>();
        try {
            while (System.nanoTime() - end < 0 && failure.get() == null) {
                step(random, outstanding);
                while (outstanding.size() > random.nextInt(MOST_OUTSTANDING)) {
                    settle(outstanding.remove());
                }
            }
            while (!outstanding.isEmpty()) {
                settle(outstanding.remove());
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    private void step(Random random, Deque<Asked> outstanding) throws IOException {
        int place = random.nextInt(SEATS);
        Seat seat = seats.get(place);
        int dice = random.nextInt(10_000);
        if (dice < 2) {
            replace(place, seat, random);
        } else if (dice < 400) {
            askInterrupted(seat, random);
        } else if (dice < 1200) {
            askAll(seat, random);
        } else if (dice < 5000) {
            askAndWait(seat, random);
        } else {
            outstanding.add(askLater(seat, random));
        }
    }

    /** Closes a predictor under its callers, at times from one of its callbacks. */
    private void replace(int place, Seat seat, Random random) throws IOException {
        Seat next = open(random);
        if (!seats.compareAndSet(place, seat, next)) {
            next.close();
            return;
        }
        if (random.nextBoolean()) {
            left.add(seat);
            CompletableFuture<float[]> last = seat.predictor().predictAsync(subject.request(random));
            seat.closing().set(true);
            last.whenComplete((answer, e) -> seat.close()).exceptionally(e -> new float[0]);
        } else {
            seat.close();
        }
    }

    private void askAndWait(Seat seat, Random random) {
        count(Kind.SYNC);
        Asked asked = next(seat, random);
        try {
            float[] answer = asked.hasDeadline()
                    ? seat.predictor().predict(asked.request(), within(random))
                    : seat.predictor().predict(asked.request());
            answered(asked, answer);
        } catch (InferenceException e) {
            failed(asked, e);
        }
    }

    private void askInterrupted(Seat seat, Random random) {
        count(Kind.SYNC);
        Asked asked = next(seat, random);
        Thread.currentThread().interrupt();
        try {
            answered(asked, seat.predictor().predict(asked.request()));
        } catch (CancellationException e) {
            count(Kind.CANCELLED);
        } catch (InferenceException e) {
            failed(asked, e);
        } finally {
            if (!Thread.interrupted()) {
                failure.compareAndSet(null, new AssertionError("the interrupt was lost"));
            }
        }
    }

    private void askAll(Seat seat, Random random) {
        count(Kind.ALL);
        List<float[]> requests = new ArrayList<>();
        int size = 1 + random.nextInt(12);
        Class<? extends InferenceException> refusal = null;
        for (int i = 0; i < size; i++) {
            requests.add(subject.request(random));
        }
        if (random.nextInt(4) == 0) {
            Refused refused = subject.refused(random);
            requests.set(random.nextInt(size), refused.request());
            refusal = refused.reason();
        }
        Asked asked = new Asked(seat, new float[0], refusal, false, new CompletableFuture<>());
        try {
            List<float[]> answers = seat.predictor().predictAll(requests);
            for (int i = 0; i < size; i++) {
                answered(new Asked(seat, requests.get(i), refusal, false, asked.future()), answers.get(i));
            }
        } catch (InferenceException e) {
            failed(asked, e);
        }
    }

    private Asked askLater(Seat seat, Random random) {
        count(Kind.ASYNC);
        Asked asked = next(seat, random);
        CompletableFuture<float[]> future = asked.hasDeadline()
                ? seat.predictor().predictAsync(asked.request(), within(random))
                : seat.predictor().predictAsync(asked.request());
        int dice = random.nextInt(20);
        if (dice < 4) {
            future.cancel(true);
        } else if (dice < 7) {
            int spins = random.nextInt(200);
            Runnable cancel = () -> {
                spin(spins);
                future.cancel(false);
            };
            new Thread(cancel, "stress-cancel").start();
        } else if (dice == 7) {
            float[] again = subject.request(random);
            Asked nested = new Asked(seat, again, null, false, future);
            return new Asked(seat, again, asked.refusal(), asked.hasDeadline(), future.thenApply(answer -> {
                answered(asked, answer);
                try {
                    return seat.predictor().predict(again);
                } catch (InferenceException e) {
                    failed(nested, e);
                    throw new CancellationException();
                }
            }));
        }
        return new Asked(seat, asked.request(), asked.refusal(), asked.hasDeadline(), future);
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    private Asked next(Seat seat, Random random) {
        boolean hasDeadline = random.nextInt(5) == 0;
        if (random.nextInt(10) == 0) {
            Refused refused = subject.refused(random);
            return new Asked(seat, refused.request(), refused.reason(), hasDeadline, new CompletableFuture<>());
        }
        return new Asked(seat, subject.request(random), null, hasDeadline, new CompletableFuture<>());
    }

    /** From far too short to ample. */
    private static Duration within(Random random) {
        return Duration.ofNanos(1L << random.nextInt(34));
    }

    private void settle(Asked asked) throws InterruptedException {
        try {
            answered(asked, asked.future().get(LOST_SECONDS, TimeUnit.SECONDS));
        } catch (CancellationException e) {
            count(Kind.CANCELLED);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "a future was lost; closing: " + asked.seat().closing(), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CancellationException) {
                count(Kind.CANCELLED);
            } else {
                failed(asked, e.getCause());
            }
        }
    }

    private void answered(Asked asked, float[] answer) {
        count(Kind.ANSWERED);
        if (asked.refusal() != null || !subject.isAnswer(asked.request(), answer)) {
            failure.compareAndSet(null, new AssertionError(describe(asked) + " was answered with " + text(answer)));
        }
    }

    private void failed(Asked asked, @Nullable Throwable reason) {
        Class<? extends InferenceException> refusal = asked.refusal();
        if (refusal != null && refusal.isInstance(reason)) {
            count(Kind.REFUSED);
        } else if (reason instanceof OverloadedException) {
            count(Kind.OVERLOADED);
        } else if (reason instanceof DeadlineExceededException && asked.hasDeadline()) {
            count(Kind.LATE);
        } else if (reason instanceof ClosedException && asked.seat().closing().get()) {
            count(Kind.CLOSED);
        } else {
            failure.compareAndSet(null, new AssertionError(describe(asked) + " failed", reason));
        }
    }

    private static String describe(Asked asked) {
        return text(asked.request()) + (asked.refusal() == null ? "" : ", to be refused,");
    }

    private static String text(float[] numbers) {
        return java.util.Arrays.toString(numbers);
    }

    private void count(Kind kind) {
        LongAdder adder = counts.get(kind);
        if (adder != null) {
            adder.increment();
        }
    }
}
