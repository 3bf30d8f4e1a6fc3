package dev.cresset.engine;

import dev.cresset.tensor.Value;

/**
 * One prepared way into a model: the same method and the same memory, call after call. Used by one thread at a time; its
 * user keeps the tensors that it was prepared with open until it is closed.
 *
 * <p>On a device that computes beside the processors, a session has a queue of its own there (CUDA's stream), for life: sessions do not wait
 * for each other.
 */
public interface EngineSession extends AutoCloseable {

    /**
     * Runs the call, in one native call: {@link #start}, then {@link #await}. Hot path: allocates nothing when outputs are bound.
     *
     * @throws EngineException of kind {@code INVALID_INPUT}, {@code EXECUTION}, {@code OUT_OF_MEMORY}, {@code
     *     OUT_OF_DEVICE_MEMORY} or {@code DEVICE_FAILED}
     */
    void run();

    /**
     * The first half of {@link #run}: reads the arguments and begins to compute; it may return before either is done. Until {@link #await}
     * has returned, nobody writes arguments, reads outputs, or closes the session. What is started is awaited, also where this threw nothing
     * and the wait does; what this refuses is not. An engine that computes on its caller's thread leaves all to {@link #await}, as here. Hot
     * path, as {@link #run}.
     *
     * @throws EngineException as {@link #run}
     */
    default void start() {}

    /**
     * The second half: returns when the outputs are where they belong.
     *
     * @throws EngineException as {@link #run}; the session is then as if it had not been run
     */
    default void await() {
        run();
    }

    /**
     * How long its device took for the last run, from the first copy to the last; zero where it is none that computes beside the
     * processors.
     */
    default long deviceNanos() {
        return 0;
    }

    /**
     * The last run's result, if no outputs are bound. Its tensors are lent: their bytes stay until the next run or close,
     * and closing them frees nothing.
     */
    Value result();

    /** Gives back what the session holds. */
    @Override
    void close();
}
