package dev.cresset.internal.tuning;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Optional;

/**
 * A way that is being tried: its model, prepared on inputs that each call finds equal.
 *
 * <p>Closed by its user, with its model, unless that is lent or serves by then. Used by one thread.
 */
public final class CandidateModel implements AutoCloseable {

    /** LibTorch looks on in a module's first run, specialises it in the second, and oneDNN compiles in the third. */
    private static final int WARM_UP_RUNS = 4;

    /** What these take is little beside a slow call; and the frozen module is not compiled. */
    private static final int SLOW_FROZEN_RUNS = 2;

    private static final long SLOW_NANOS = 150_000_000;
    private static final long SAMPLE_NANOS = 2_000_000;
    private static final int MOST_CALLS = 10_000;

    private final EngineModel model;
    private final EqualInputs inputs;
    private final Stopwatch stopwatch;
    private final EngineSession session;
    private boolean owned;
    private Timing lastRun = new Timing();

    private CandidateModel(EngineModel model, boolean owned, EqualInputs inputs, Stopwatch stopwatch) {
        this.model = model;
        this.owned = owned;
        this.inputs = inputs;
        this.stopwatch = stopwatch;
        this.session = model.prepare("forward", inputs.arguments(), List.of());
    }

    /** One with a model that somebody else closes. */
    static CandidateModel lent(EngineModel model, EqualInputs inputs, Stopwatch stopwatch) {
        return new CandidateModel(model, /* owned= */ false, inputs, stopwatch);
    }

    /** One that takes the model over, even when this fails. */
    static CandidateModel owning(EngineModel model, EqualInputs inputs, Stopwatch stopwatch) {
        try {
            return new CandidateModel(model, /* owned= */ true, inputs, stopwatch);
        } catch (EngineException e) {
            model.close();
            throw e;
        }
    }

    EngineModel model() {
        return model;
    }

    Optimization way() {
        return model.optimization();
    }

    /** The last run's answer, lent until the next. */
    Value answer() {
        return session.result();
    }

    /** Looks at an answer and what it took, and says why there is no sense in going on. */
    interface Judge {
        Optional<String> refusal(Value answer, long nanos);
    }

    /** Runs until it is warm, or refused. */
    Optional<String> warmUp(Judge judge) {
        Timing quickest = new Timing();
        for (int run = 0; run < WARM_UP_RUNS; run++) {
            lastRun = new Timing();
            sample(lastRun, 1);
            Optional<String> refusal = judge.refusal(answer(), lastRun.nanos());
            if (refusal.isPresent()) {
                return refusal;
            }
            quickest = run == 0 || lastRun.nanos() < quickest.nanos() ? lastRun : quickest;
            if (way() == Optimization.FROZEN && run + 1 == SLOW_FROZEN_RUNS && quickest.nanos() >= SLOW_NANOS) {
                lastRun = quickest;
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Runs as often as it may still get ready, and looks at each answer. */
    Optional<String> getReady(Judge judge) {
        for (int run = 0; run < model.warmUpRuns(); run++) {
            lastRun = new Timing();
            sample(lastRun, 1);
            Optional<String> refusal = judge.refusal(answer(), lastRun.nanos());
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    /** Whether one call takes so long that it is a sample by itself, and the last one before it was warm as good as any. */
    boolean isSlow() {
        return lastRun.nanos() >= SLOW_NANOS;
    }

    /** Whether one call takes so long that little disturbs it. */
    boolean isLong() {
        return lastRun.nanos() >= SAMPLE_NANOS;
    }

    long lastNanos() {
        return lastRun.nanos();
    }

    /** To add samples to; a slow one's begins with the last run. */
    Timing timing() {
        return isSlow() ? lastRun : new Timing();
    }

    /** Adds a sample of as many calls as take some time, and returns what all of them took of the processor. */
    long sample(Timing timing) {
        return sample(timing, (int) Math.max(1, Math.min(MOST_CALLS, SAMPLE_NANOS / Math.max(lastRun.nanos(), 1))));
    }

    private long sample(Timing timing, int calls) {
        inputs.restore();
        int together = inputs.areWrittenTo() ? 1 : calls;
        long wall = 0;
        long cpu = 0;
        for (int done = 0; done < calls; done += together) {
            if (inputs.areWrittenTo()) {
                inputs.restore();
            }
            long wallStart = stopwatch.wallNanos();
            long cpuStart = stopwatch.cpuNanos();
            for (int call = 0; call < together; call++) {
                session.run();
            }
            cpu += stopwatch.cpuNanos() - cpuStart;
            wall += stopwatch.wallNanos() - wallStart;
        }
        timing.add(wall, cpu, calls);
        return cpu;
    }

    /** For Java's sake: a small model's calls take microseconds, and the first ones run in code that is not compiled yet. */
    void runFor(long nanos) {
        long start = stopwatch.wallNanos();
        for (int call = 0; call < MOST_CALLS && stopwatch.wallNanos() - start < nanos; call++) {
            inputs.restore();
            session.run();
        }
    }

    /** The model, which is the receiver's from now on. */
    EngineModel toServe() {
        owned = false;
        return model;
    }

    @Override
    public void close() {
        session.close();
        if (owned) {
            model.close();
        }
    }
}
