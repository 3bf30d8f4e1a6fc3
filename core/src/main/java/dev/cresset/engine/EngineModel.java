package dev.cresset.engine;

import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Set;

/**
 * A loaded model. Several threads may call it at once; a model that keeps state between calls sees them one after the
 * other. Its closer sees to it that no call is inside and that every session is closed.
 */
public interface EngineModel extends AutoCloseable {

    /** What can be called. */
    Signature signature();

    /** Whether the model keeps state between calls, so that the order of calls matters and none may be repeated. */
    boolean isStateful();

    /**
     * Whether a call of {@code forward} may never end with numbers that are like none of the samples', NaN among them: where a loop looks at a tensor's
     * numbers, or an operator goes on until its numbers have converged. Such a model is tried on its samples alone.
     */
    default boolean mayNotEnd() {
        return false;
    }

    /**
     * Whether calls that may use several threads leave the processors to one another: one uses what is left, and as many may run
     * at once as there are processors.
     */
    default boolean sharesProcessors() {
        return false;
    }

    /**
     * In how many runs of its own a call of {@code forward} may still get ready: only those after them take what all later ones take.
     * LibTorch specialises what it runs by what it has seen in the runs before.
     */
    default int warmUpRuns() {
        return 3;
    }

    /** Where it computes, from its load to its close; what is {@link #optimized} of it computes there, too. */
    default Device device() {
        return Device.cpu();
    }

    /**
     * New zeroed memory of the host for arguments and outputs of this model's calls, from where its device copies fast, and by itself
     * (page-locked, for CUDA). The receiver frees it when no session reads it any more, also after the model's close.
     *
     * @throws EngineException of kind {@code OUT_OF_MEMORY}
     */
    default Memory hostMemory(long bytes) {
        return Memory.allocate(Math.toIntExact(bytes));
    }

    /** Which of its prepared calls are graphs on its device. Looks anew at every call. */
    default GraphReport graphs() {
        return GraphReport.none();
    }

    /** How this one computes. */
    Optimization optimization();

    /** The numbers that it computes with. */
    Precision precision();

    /** How else its module can be computed; empty once settled, and where nothing is known that may be faster. */
    Set<Optimization> optimizations();

    /**
     * This module computed in another way; it shares what weights it can, and is closed on its own. As it was saved, it has
     * the precision that it was saved with, whatever this one has. Where nothing in the module would be computed so, it is
     * computed as this one is, and its {@link #optimization} says so.
     *
     * @param other one of {@link #optimizations}, or {@link Optimization#AS_IS} as long as there are others
     * @throws EngineException of kind {@code LOAD} or {@code EXECUTION}, if this module cannot be computed so
     */
    EngineModel optimized(Optimization other);

    /** Lets go of what only {@link #optimized} needs: it is not called any more. */
    void settle();

    /**
     * Calls a method once. Tensors of the result belong to the caller; none shares memory with an argument or with the
     * model.
     *
     * @throws EngineException of kind {@code INVALID_INPUT}, {@code EXECUTION}, {@code OUT_OF_MEMORY}, {@code
     *     OUT_OF_DEVICE_MEMORY} or {@code DEVICE_FAILED}
     */
    Value invoke(String method, List<Value> arguments);

    /**
     * Prepares a call that reads its arguments where they are, each time it is run.
     *
     * @param outputs tensors to write the result's tensors into, in order; none, if the result is to be lent
     * @throws EngineException of kind {@code INVALID_INPUT}
     */
    EngineSession prepare(String method, List<Value> arguments, List<Tensor> outputs);

    /** Gives the model's memory back. */
    @Override
    void close();
}
