package dev.cresset.internal.loading;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;

/**
 * A prepared call of the model that serves; it becomes one of another when that serves: of the plain one, once and for good, when the
 * fast one fails, or of a faster one that was found while calls went on.
 *
 * <p>Hot path: a run that succeeds, and changes nothing, allocates nothing. Used by one thread at a time.
 */
public final class FallbackSession implements EngineSession {
    private final FallbackModel serving;
    private final String method;
    private final List<Value> arguments;
    private final List<Tensor> outputs;
    private EngineModel model;
    private EngineSession now;
    private boolean started;

    /** Takes the session over, which is one of the model. */
    FallbackSession(
            FallbackModel serving,
            String method,
            List<Value> arguments,
            List<Tensor> outputs,
            EngineModel model,
            EngineSession session) {
        this.serving = serving;
        this.method = method;
        this.arguments = arguments;
        this.outputs = outputs;
        this.model = model;
        this.now = session;
    }

    @Override
    public void run() {
        EngineModel wanted = serving.serving();
        if (wanted != model) {
            become(wanted);
        } else if (model == serving.plain()) {
            now.run();
            serving.answered(method, arguments);
        } else {
            runFast();
        }
    }

    /** What serves by now is changed to by a run that is whole. */
    @Override
    public void start() {
        if (serving.serving() != model) {
            return;
        }
        try {
            now.start();
            started = true;
        } catch (EngineException e) {
            if (model == serving.plain() || !FallbackModel.isWorthAnotherTry(e)) {
                throw e;
            }
            // then the run fails as well, and falls back
        }
    }

    @Override
    public void await() {
        if (!started) {
            run();
            return;
        }
        started = false;
        if (model == serving.plain()) {
            now.await();
            serving.answered(method, arguments);
        } else {
            awaitFast();
        }
    }

    private void awaitFast() {
        try {
            now.await();
        } catch (EngineException e) {
            plainlyAfter(e);
        }
    }

    private void runFast() {
        try {
            now.run();
        } catch (EngineException e) {
            plainlyAfter(e);
        }
    }

    private void plainlyAfter(EngineException failure) {
        if (!FallbackModel.isWorthAnotherTry(failure)) {
            throw failure;
        }
        runOn(serving.plain());
        serving.fallBack(failure);
    }

    private void become(EngineModel wanted) {
        if (wanted == serving.plain()) {
            runOn(wanted);
            return;
        }
        try {
            runOn(wanted);
        } catch (EngineException e) {
            if (!FallbackModel.isWorthAnotherTry(e)) {
                throw e;
            }
            now.run();
            serving.fallBack(e);
        }
    }

    /** What fails leaves everything as it is. */
    private void runOn(EngineModel other) {
        EngineSession session = other.prepare(method, arguments, outputs);
        boolean success = false;
        try {
            session.run();
            success = true;
        } finally {
            EngineSession done = success ? now : session;
            if (success) {
                now = session;
                model = other;
            }
            done.close();
        }
    }

    @Override
    public long deviceNanos() {
        return now.deviceNanos();
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
