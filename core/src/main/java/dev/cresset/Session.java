package dev.cresset;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineSession;
import dev.cresset.internal.Leases;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One prepared call and what it keeps: its model open while it runs, its tensors' memory until it is closed. Closed by its
 * user or by its model, whichever comes first.
 *
 * <p>Hot path: a run allocates nothing. One thread runs it at a time; close may come from any.
 */
final class Session implements AutoCloseable {

    private final String model;
    private final Leases modelLeases;
    private final Set<Session> siblings;
    private final String method;
    private final List<Value> arguments;
    private final EngineSession engineSession;
    private final Leases leases;
    private final AtomicBoolean running = new AtomicBoolean();

    /** Refers to the model's leases and sessions but not to the model, so that a forgotten model can become garbage. */
    Session(
            String model,
            Leases modelLeases,
            Set<Session> siblings,
            String method,
            List<Value> arguments,
            List<Memory> held,
            EngineSession engineSession) {
        this.model = model;
        this.modelLeases = modelLeases;
        this.siblings = siblings;
        this.method = method;
        this.arguments = arguments;
        this.engineSession = engineSession;
        this.leases = new Leases(() -> {
            engineSession.close();
            Arguments.release(held);
        });
    }

    void run() {
        if (!modelLeases.enter()) {
            throw Failures.closed("model " + model);
        }
        try {
            if (!leases.enter()) {
                throw Failures.closed("bound call of model " + model);
            }
            try {
                runAlone();
            } finally {
                leases.leave();
            }
        } finally {
            modelLeases.leave();
        }
    }

    private void runAlone() {
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "a bound call of model " + model
                            + " is used by two threads at once; it has one set of tensors, so give each thread a call of its own");
        }
        try {
            engineSession.run();
        } catch (EngineException e) {
            throw Failures.ofCall(model, method, arguments, e);
        } finally {
            running.set(false);
        }
    }

    /** What the last run returned, lent until the next. */
    Value result() {
        return engineSession.result();
    }

    @Override
    public void close() {
        leases.close();
        leases.awaitFreed();
        // Last: until it is freed, the model must know of it and wait.
        siblings.remove(this);
    }
}
