package dev.cresset;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineSession;
import dev.cresset.internal.Leases;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One prepared call and what it keeps: its model open while it runs, its tensors' memory until it is closed. Closed by its
 * user or by its model, whichever comes first.
 *
 * <p>Hot path: a run allocates nothing. One thread runs it at a time; close may come from any.
 */
final class Session implements AutoCloseable {

    private final Model model;
    private final String method;
    private final List<Value> arguments;
    private final EngineSession engineSession;
    private final Leases leases;
    private final AtomicBoolean running = new AtomicBoolean();

    Session(Model model, String method, List<Value> arguments, List<Memory> held, EngineSession engineSession) {
        this.model = model;
        this.method = method;
        this.arguments = arguments;
        this.engineSession = engineSession;
        this.leases = new Leases(() -> {
            engineSession.close();
            Arguments.release(held);
        });
    }

    void run() {
        model.enter();
        try {
            if (!leases.enter()) {
                throw Failures.closed("bound call of model " + model.name());
            }
            try {
                runAlone();
            } finally {
                leases.leave();
            }
        } finally {
            model.leave();
        }
    }

    private void runAlone() {
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "a bound call of model " + model.name()
                            + " is used by two threads at once; it has one set of tensors, so give each thread a call of its own");
        }
        try {
            engineSession.run();
        } catch (EngineException e) {
            throw Failures.ofCall(model.name(), method, arguments, e);
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
        model.forget(this);
        leases.close();
        leases.awaitFreed();
    }
}
