package dev.cresset;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Finds the fastest way to compute a model that answers what the module answers as it was saved: each way runs on the same
 * inputs until it is warm, is compared, and is timed. What throws or disagrees is out.
 *
 * <p>Used by one thread.
 */
final class Tuner {
    private static final String FORWARD = "forward";

    /** LibTorch looks on in a module's first run, specialises it in the second, and oneDNN compiles in the third. */
    private static final int WARM_UP_RUNS = 4;

    /** What these take is little beside a slow call; and the frozen module is not compiled. */
    private static final int SLOW_FROZEN_RUNS = 2;

    private static final int MOST_SAMPLES = 9;
    private static final int FEWEST_SAMPLES = 3;
    private static final long SAMPLE_NANOS = 2_000_000;
    private static final long ENOUGH_NANOS = 150_000_000;
    private static final int MOST_CALLS = 10_000;
    private static final long JAVA_NANOS = 50_000_000;

    /** A way that may yet meet what it cannot do must be worth it. */
    private static final double WORTH_IT = 0.95;

    /** The most promising first: time may run out. */
    private static final List<Optimization> ORDER = List.of(
            Optimization.DIRECT_CONVOLUTION,
            Optimization.FUSED,
            Optimization.FUSED_CHANNELS_LAST,
            Optimization.CHANNELS_LAST,
            Optimization.DIRECT_LINEAR,
            Optimization.FOR_INFERENCE);

    private final List<Value> arguments;
    private final Agreement agreement;
    private final Duration budget;
    private final LongSupplier nanoTime;
    private final Consumer<Plan.Candidate> listener;
    private final List<Plan.Candidate> candidates = new ArrayList<>();

    Tuner(
            List<Value> arguments,
            Agreement agreement,
            Duration budget,
            LongSupplier nanoTime,
            Consumer<Plan.Candidate> listener) {
        this.arguments = arguments;
        this.agreement = agreement;
        this.budget = budget;
        this.nanoTime = nanoTime;
        this.listener = listener;
    }

    /**
     * A model and how it was found.
     *
     * @param model the fastest; the one that was given, where none is faster. Else it is the receiver's to close.
     */
    record Tuned(EngineModel model, Plan plan) {}

    /** Tries all that this model can be. */
    Tuned tune(EngineModel frozen) {
        long start = nanoTime.getAsLong();
        long deadline = start + budget.toNanos();
        try (Value expected = asSaved(frozen)) {
            if (nanoTime.getAsLong() - start < JAVA_NANOS) {
                warmJavaUp(frozen);
            }
            Trial best = measured(frozen, frozen, expected, deadline, Long.MAX_VALUE);
            long limit = best.nanos == Long.MAX_VALUE ? Long.MAX_VALUE : (long) (best.nanos * WORTH_IT);
            for (Optimization optimization : ORDER) {
                if (!frozen.optimizations().contains(optimization)) {
                    continue;
                }
                Trial trial = derived(frozen, optimization, expected, deadline, best.nanos);
                if (trial.nanos < Math.min(best.nanos, limit)) {
                    close(best, frozen);
                    best = trial;
                } else {
                    close(trial, frozen);
                }
            }
            String reason = String.format(Locale.ROOT, "tuned in %.2f s", (nanoTime.getAsLong() - start) / 1e9);
            if (best.model.isPresent()) {
                return new Tuned(best.model.get(), plan(best.model.get(), Plan.Origin.TUNED, reason));
            }
            return frozen.precision() == Precision.AS_SAVED
                    ? notTuned(frozen.optimized(Optimization.AS_IS), "no other way answers what the module answers")
                    : notTuned(frozen, "no way answers what the module answers"); // its opener refuses it
        } catch (EngineException e) {
            return notTuned(frozen, "the sample inputs fail: " + Failures.tellingLine(e.reason()));
        }
    }

    /** How a model that is in use answers, if it answers right; else why it does not. */
    Optional<String> refusal(EngineModel frozen, EngineModel inUse) {
        try (Value expected = asSaved(frozen);
                Value found = inUse.invoke(FORWARD, arguments)) {
            return agreement.difference(expected, found);
        } catch (EngineException e) {
            return Optional.of("the sample inputs fail: " + Failures.tellingLine(e.reason()));
        }
    }

    /** Takes what was the fastest before, if it still answers right. */
    Tuned again(EngineModel frozen, Plan before) {
        if (before.optimization() == frozen.optimization()) {
            return new Tuned(frozen, before);
        }
        try (Value expected = frozen.invoke(FORWARD, arguments)) {
            Trial trial = derived(frozen, before.optimization(), expected, Long.MAX_VALUE, Long.MAX_VALUE);
            return trial.model
                    .map(model -> new Tuned(model, before))
                    .orElseGet(() -> notTuned(frozen, "what was the fastest before is out: " + candidates.get(0)));
        } catch (EngineException e) {
            return notTuned(frozen, "the sample inputs fail: " + Failures.tellingLine(e.reason()));
        }
    }

    private Tuned notTuned(EngineModel model, String reason) {
        return new Tuned(model, plan(model, Plan.Origin.NOT_TUNED, reason));
    }

    private Plan plan(EngineModel model, Plan.Origin origin, String reason) {
        return new Plan(model.optimization(), model.precision(), origin, reason, candidates);
    }

    /** Small models are called in microseconds, which the first candidate would spend in code that is not compiled yet. */
    private void warmJavaUp(EngineModel frozen) {
        try (EngineSession session = frozen.prepare(FORWARD, arguments, List.of())) {
            long start = nanoTime.getAsLong();
            for (int call = 0; call < MOST_CALLS && nanoTime.getAsLong() - start < JAVA_NANOS; call++) {
                session.run();
            }
        } catch (EngineException e) {
            // Its trial says so.
        }
    }

    private Value asSaved(EngineModel frozen) {
        try (EngineModel asIs = frozen.optimized(Optimization.AS_IS)) {
            return asIs.invoke(FORWARD, arguments);
        }
    }

    /** A way that was tried; without a model if it is out. */
    private record Trial(Optional<EngineModel> model, long nanos) {}

    private Trial derived(EngineModel frozen, Optimization optimization, Value expected, long deadline, long best) {
        if (nanoTime.getAsLong() > deadline) {
            return out(optimization, "not tried: the time for tuning was over");
        }
        EngineModel model;
        try {
            model = frozen.optimized(optimization);
        } catch (EngineException e) {
            return out(optimization, "cannot be made: " + Failures.tellingLine(e.reason()));
        }
        if (model.optimization() == frozen.optimization()) {
            model.close();
            return out(optimization, "nothing in the module would be computed so");
        }
        return measured(model, frozen, expected, deadline, best);
    }

    private Trial measured(EngineModel model, EngineModel frozen, Value expected, long deadline, long best) {
        Optional<String> refusal;
        long nanos = Long.MAX_VALUE;
        try (EngineSession session = model.prepare(FORWARD, arguments, List.of())) {
            Warm warm = warmUp(session, model == frozen, expected, deadline, best);
            refusal = warm.refusal;
            if (refusal.isEmpty()) {
                nanos = isSlow(warm.nanos) ? warm.nanos : time(session, deadline);
                refusal = agreement.difference(expected, session.result());
            }
        } catch (EngineException e) {
            refusal = Optional.of("fails: " + Failures.tellingLine(e.reason()));
        }
        if (refusal.isEmpty()) {
            add(new Plan.Candidate(model.optimization(), Optional.of(Duration.ofNanos(nanos)), refusal));
            return new Trial(Optional.of(model), nanos);
        }
        Trial out = out(model.optimization(), refusal.get());
        close(new Trial(Optional.of(model), nanos), frozen);
        return out;
    }

    /** A call that takes so long is timed by itself: what disturbs it is little beside it. */
    private static boolean isSlow(long nanos) {
        return nanos >= ENOUGH_NANOS;
    }

    /** What the last run took, or why there is no sense in timing more. */
    private record Warm(long nanos, Optional<String> refusal) {}

    /** Goes on when time is over, for it is spent already; but not with what is slower than the best. */
    private Warm warmUp(EngineSession session, boolean isFrozen, Value expected, long deadline, long best) {
        long taken = 0;
        for (int run = 0; run < (isFrozen && isSlow(taken) ? SLOW_FROZEN_RUNS : WARM_UP_RUNS); run++) {
            taken = time(session, 1);
            Optional<String> difference = agreement.difference(expected, session.result());
            if (difference.isPresent()) {
                return new Warm(taken, difference);
            }
            if (nanoTime.getAsLong() > deadline && taken > best) {
                return new Warm(taken, Optional.of("not timed: the time for tuning was over, and it was slower"));
            }
        }
        return new Warm(taken, Optional.empty());
    }

    /** The least disturbed of several samples. */
    private long time(EngineSession session, long deadline) {
        long once = time(session, 1);
        int calls = (int) Math.max(1, Math.min(MOST_CALLS, SAMPLE_NANOS / Math.max(once, 1)));
        long best = once;
        long spent = 0;
        for (int sample = 0; sample < MOST_SAMPLES; sample++) {
            boolean late = spent > ENOUGH_NANOS || nanoTime.getAsLong() > deadline;
            if (late && sample >= FEWEST_SAMPLES) {
                break;
            }
            long taken = time(session, calls);
            spent += taken;
            best = Math.min(best, taken / calls);
        }
        return best;
    }

    private long time(EngineSession session, int calls) {
        long start = nanoTime.getAsLong();
        for (int i = 0; i < calls; i++) {
            session.run();
        }
        return nanoTime.getAsLong() - start;
    }

    private Trial out(Optimization optimization, String refusal) {
        add(new Plan.Candidate(optimization, Optional.empty(), Optional.of(refusal)));
        return new Trial(Optional.empty(), Long.MAX_VALUE);
    }

    private void add(Plan.Candidate candidate) {
        candidates.add(candidate);
        listener.accept(candidate);
    }

    private static void close(Trial trial, EngineModel frozen) {
        trial.model.filter(model -> model != frozen).ifPresent(EngineModel::close);
    }
}
