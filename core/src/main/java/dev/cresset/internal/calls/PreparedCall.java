package dev.cresset.internal.calls;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineSession;
import dev.cresset.internal.Failures;
import dev.cresset.internal.Leases;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One prepared call and what it keeps until it is closed: its model, and its tensors' memory. Closed by its
 * user or by its model, whichever comes first.
 *
 * <p>Hot path: a run allocates nothing. One thread runs it at a time; close may come from any.
 */
public final class PreparedCall implements EngineSession {

    private final String model;
    private final Leases modelLeases;
    private final String method;
    private final List<Value> arguments;
    /** What callers may have taken away since the last run. */
    private final Memory[] borrowed;

    private final EngineSession engineSession;
    private final Leases leases;
    private final AtomicBoolean running = new AtomicBoolean();

    /**
     * Takes over an entry into the model, and leaves it when it is freed. Refers to the model's leases and sessions but not to the
     * model, so that a forgotten model can become garbage.
     */
    public PreparedCall(
            String model,
            Leases modelLeases,
            Set<PreparedCall> siblings,
            String method,
            List<Value> arguments,
            List<Memory> held,
            EngineSession engineSession) {
        this.model = model;
        this.modelLeases = modelLeases;
        this.method = method;
        this.arguments = arguments;
        this.borrowed = held.stream().filter(Memory::isBorrowed).toArray(Memory[]::new);
        this.engineSession = engineSession;
        this.leases = new Leases(() -> {
            try {
                engineSession.close();
                ArgumentChecks.release(held);
            } finally {
                siblings.remove(this);
                modelLeases.leave();
            }
        });
    }

    /** Touches nothing that other threads' sessions touch: they would wait for each other's caches. */
    @Override
    public void run() {
        enter();
        try {
            requireBorrowed();
            engineSession.run();
        } catch (EngineException e) {
            throw Failures.ofCall(model, method, arguments, e);
        } finally {
            leave();
        }
    }

    /** Whoever closes it waits for what was started. */
    @Override
    public void start() {
        enter();
        boolean success = false;
        try {
            requireBorrowed();
            engineSession.start();
            success = true;
        } catch (EngineException e) {
            throw Failures.ofCall(model, method, arguments, e);
        } finally {
            if (!success) {
                leave();
            }
        }
    }

    @Override
    public void await() {
        try {
            engineSession.await();
        } catch (EngineException e) {
            throw Failures.ofCall(model, method, arguments, e);
        } finally {
            leave();
        }
    }

    private void enter() {
        if (!leases.enter()) {
            throw Failures.closed((modelLeases.isClosed() ? "model " : "bound call of model ") + model);
        }
        if (!running.compareAndSet(false, true)) {
            leases.leave();
            throw new IllegalStateException(
                    "a bound call of model " + model
                            + " is used by two threads at once; it has one set of tensors, so give each thread a call of its own");
        }
    }

    private void leave() {
        running.set(false);
        leases.leave();
    }

    private void requireBorrowed() {
        for (Memory memory : borrowed) {
            memory.requireThere();
        }
    }

    @Override
    public long deviceNanos() {
        return engineSession.deviceNanos();
    }

    /** What the last run returned, lent until the next. */
    @Override
    public Value result() {
        return engineSession.result();
    }

    /** Closes without waiting for the run that is under way. */
    public void refuse() {
        leases.close();
    }

    @Override
    public void close() {
        leases.close();
        leases.awaitFreed();
    }
}
