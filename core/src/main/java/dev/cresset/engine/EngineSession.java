package dev.cresset.engine;

import dev.cresset.tensor.Value;

/**
 * One prepared way into a model: the same method and the same memory, call after call. Used by one thread at a time; its
 * user keeps the tensors that it was prepared with open until it is closed.
 */
public interface EngineSession extends AutoCloseable {

    /**
     * Runs the call, in one native call. Hot path: allocates nothing when outputs are bound.
     *
     * @throws EngineException of kind {@code INVALID_INPUT}, {@code EXECUTION} or {@code OUT_OF_MEMORY}
     */
    void run();

    /**
     * The last run's result, if no outputs are bound. Its tensors are lent: their bytes stay until the next run or close,
     * and closing them frees nothing.
     */
    Value result();

    /** Gives back what the session holds. */
    @Override
    void close();
}
