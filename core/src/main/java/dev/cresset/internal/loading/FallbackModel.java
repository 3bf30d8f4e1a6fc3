package dev.cresset.internal.loading;

import dev.cresset.Plan;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.internal.Failures;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Set;

/**
 * What answers a model's calls: the way to compute it that was found the fastest, and the plain one, for the day that the
 * fastest fails.
 *
 * <p>A fused module may meet inputs that its compiler was not made for. Then the plain module answers that call, and all
 * from then on. When the plain one fails too, it was the input, and nothing changes.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class FallbackModel implements EngineModel {
    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private final String name;
    private final EngineModel plain;
    private volatile EngineModel fast;
    private volatile boolean fallenBack;
    private volatile Plan plan;

    /** Takes the model over; it serves alone until {@link #serve}. */
    FallbackModel(String name, EngineModel plain, Plan plan) {
        this.name = name;
        this.plain = plain;
        this.fast = plain;
        this.plan = plan;
    }

    /** Takes a faster one over; to be called before any call is made. */
    void serve(EngineModel model, Plan how) {
        fast = model;
        plan = how;
    }

    public EngineModel plain() {
        return plain;
    }

    public Plan plan() {
        return plan;
    }

    boolean hasFallenBack() {
        return fallenBack;
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
            plan = new Plan(
                    plain.optimization(), plain.precision(), Plan.Origin.FALLEN_BACK, reason, plan.candidates());
            fallenBack = true;
        }
        LOG.log(System.Logger.Level.WARNING, name + ": from now on computed plainly; " + plan.reason());
    }

    @Override
    public Value invoke(String method, List<Value> arguments) {
        if (fast == plain || fallenBack) {
            return plain.invoke(method, arguments);
        }
        try {
            return fast.invoke(method, arguments);
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
        return fast == plain || fallenBack
                ? plain.prepare(method, arguments, outputs)
                : new FallbackSession(this, method, arguments, outputs, fast.prepare(method, arguments, outputs));
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
    public boolean sharesProcessors() {
        return plain.sharesProcessors();
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
