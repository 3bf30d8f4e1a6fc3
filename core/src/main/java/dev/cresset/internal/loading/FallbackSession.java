package dev.cresset.internal.loading;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;

/**
 * A prepared call of the fast model that becomes one of the plain model, once and for good, when that is needed.
 *
 * <p>Hot path: a run that succeeds allocates nothing. Used by one thread at a time.
 */
public final class FallbackSession implements EngineSession {
    private final FallbackModel serving;
    private final String method;
    private final List<Value> arguments;
    private final List<Tensor> outputs;
    private EngineSession now;
    private boolean plain;

    /** Takes the fast session over. */
    FallbackSession(
            FallbackModel serving, String method, List<Value> arguments, List<Tensor> outputs, EngineSession fast) {
        this.serving = serving;
        this.method = method;
        this.arguments = arguments;
        this.outputs = outputs;
        this.now = fast;
    }

    @Override
    public void run() {
        if (plain) {
            now.run();
        } else if (serving.hasFallenBack()) {
            runPlainly();
        } else {
            runFast();
        }
    }

    private void runFast() {
        try {
            now.run();
        } catch (EngineException e) {
            if (!FallbackModel.isWorthAnotherTry(e)) {
                throw e;
            }
            runPlainly();
            serving.fallBack(e);
        }
    }

    /** What the plain model fails leaves everything as it is. */
    private void runPlainly() {
        EngineSession session = serving.plain().prepare(method, arguments, outputs);
        boolean success = false;
        try {
            session.run();
            success = true;
        } finally {
            EngineSession done = success ? now : session;
            if (success) {
                now = session;
                plain = true;
            }
            done.close();
        }
    }

    @Override
    public Value result() {
        return now.result();
    }

    @Override
    public void close() {
        now.close();
    }
}
