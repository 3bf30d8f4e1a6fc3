package dev.cresset;

import dev.cresset.internal.calls.PreparedCall;
import java.lang.ref.Reference;

/**
 * A call of a model's {@code forward} that is tied to its tensors: {@link #run} reads the inputs where they are and writes
 * the result into the outputs. Made by {@link Model#bind}.
 *
 * <p>Hot path: a run is one native call and allocates nothing on the heap. Between runs the caller writes to the inputs and
 * reads the outputs, through views or copies. The user closes the call; it keeps the tensors' memory until then, whoever
 * closes them. Closing the model closes it too.
 *
 * <p>One thread at a time may run it, any may close it. Give each thread a call of its own.
 */
public final class BoundCall implements AutoCloseable {

    private final Model model;
    private final PreparedCall session;

    BoundCall(Model model, PreparedCall session) {
        this.model = model;
        this.session = session;
    }

    /**
     * Runs the model on what the inputs hold now.
     *
     * @throws InvalidInputException if the result does not fit the outputs
     * @throws ModelExecutionException if the module fails
     * @throws OutOfNativeMemoryException if there is no memory for it
     * @throws ClosedException if the call or its model is closed
     */
    public void run() {
        try {
            session.run();
        } finally {
            // A model that nobody refers to any more is closed; this call refers to it.
            Reference.reachabilityFence(model);
        }
    }

    /** Lets go of the tensors, after the run that is under way. Closing again does nothing. */
    @Override
    public void close() {
        session.close();
    }
}
