package dev.cresset.internal.loading;

import dev.cresset.Plan;
import dev.cresset.engine.Device;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.GraphReport;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.internal.Failures;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What answers a model's calls: the way to compute it that was found the fastest, and the plain one, for the day that the
 * fastest fails.
 *
 * <p>A fused module may meet inputs that its compiler was not made for. Then the plain module answers that call, and all
 * from then on. When the plain one fails too, it was the input, and nothing changes.
 *
 * <p>Where the fastest way is looked for later, the plain one serves until it is found.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class FallbackModel implements EngineModel {
    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private static final String FORWARD = "forward";

    private final String name;
    private final EngineModel plain;
    private volatile EngineModel fast;
    private volatile boolean fallenBack;
    private volatile Plan plan;
    private volatile @Nullable LaterTuning later;

    /** Takes the model over; it serves alone until {@link #serve}. */
    FallbackModel(String name, EngineModel plain, Plan plan) {
        this.name = name;
        this.plain = plain;
        this.fast = plain;
        this.plan = here(plan);
    }

    /** Takes a faster one over; before any call is made, or, once, while calls go on. */
    void serve(EngineModel model, Plan how) {
        plan = here(how);
        fast = model;
    }

    private Plan here(Plan how) {
        return new Plan(
                how.optimization(), how.precision(), how.origin(), how.reason(), how.candidates(), plain.device());
    }

    /** Looks for a faster one when the first call has been answered; to be called before any is made. */
    void tuneLater(LaterTuning tuning) {
        later = tuning;
    }

    /** The one that is to answer now. */
    EngineModel serving() {
        return fallenBack ? plain : fast;
    }

    /** To be called when the plain model has answered. */
    void answered(String method, List<Value> arguments) {
        LaterTuning tuning = later;
        if (tuning != null && method.equals(FORWARD)) {
            tuning.begin(arguments);
        }
    }

    public EngineModel plain() {
        return plain;
    }

    public Plan plan() {
        return plan;
    }

    /** Whether a failed call is worth another try with the plain model. */
    static boolean isWorthAnotherTry(EngineException failure) {
        return failure.kind() == EngineException.Kind.EXECUTION;
    }

    /** To be called when the plain model answered what the fast one failed. */
    void fallBack(EngineException failure) {
        synchronized (this) {
            if (fallenBack) {
                return;
            }
            String reason = fast.optimization() + " failed where the plain module did not: "
                    + Failures.tellingLine(failure.reason());
            plan = here(new Plan(
                    plain.optimization(), plain.precision(), Plan.Origin.FALLEN_BACK, reason, plan.candidates()));
            fallenBack = true;
        }
        LOG.log(System.Logger.Level.WARNING, name + ": from now on computed plainly; " + plan.reason());
    }

    @Override
    public Value invoke(String method, List<Value> arguments) {
        EngineModel now = serving();
        if (now == plain) {
            Value answer = plain.invoke(method, arguments);
            answered(method, arguments);
            return answer;
        }
        try {
            return now.invoke(method, arguments);
        } catch (EngineException e) {
            if (!isWorthAnotherTry(e)) {
                throw e;
            }
            Value answer = plain.invoke(method, arguments);
            fallBack(e);
            return answer;
        }
    }

    @Override
    public EngineSession prepare(String method, List<Value> arguments, List<Tensor> outputs) {
        EngineModel now = serving();
        EngineSession session = now.prepare(method, arguments, outputs);
        return now == plain && later == null
                ? session
                : new FallbackSession(this, method, arguments, outputs, now, session);
    }

    @Override
    public Signature signature() {
        return plain.signature();
    }

    @Override
    public boolean isStateful() {
        return plain.isStateful();
    }

    @Override
    public Device device() {
        return plain.device();
    }

    @Override
    public GraphReport graphs() {
        return serving().graphs();
    }

    @Override
    public Memory hostMemory(long bytes) {
        return plain.hostMemory(bytes);
    }

    @Override
    public boolean sharesProcessors() {
        return plain.sharesProcessors();
    }

    @Override
    public int warmUpRuns() {
        return serving().warmUpRuns();
    }

    @Override
    public Optimization optimization() {
        return plan.optimization();
    }

    @Override
    public Precision precision() {
        return plain.precision();
    }

    @Override
    public Set<Optimization> optimizations() {
        return plain.optimizations();
    }

    @Override
    public EngineModel optimized(Optimization other) {
        return plain.optimized(other);
    }

    @Override
    public void settle() {
        plain.settle();
    }

    @Override
    public void close() {
        LaterTuning tuning = later;
        if (tuning == null) {
            free();
        } else {
            tuning.cancelThen(this::free);
        }
    }

    private void free() {
        if (fast != plain) {
            fast.close();
        }
        plain.close();
    }

    @Override
    public String toString() {
        return name + ": " + plan;
    }
}
