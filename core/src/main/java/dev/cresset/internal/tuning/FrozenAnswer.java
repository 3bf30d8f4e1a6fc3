package dev.cresset.internal.tuning;

import dev.cresset.engine.EngineModel;
import dev.cresset.internal.BackgroundTask;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * What the frozen module answers, found on a thread of its own where there is a processor for it: a module's first run takes longest, and
 * what is compared with it is being made meanwhile.
 *
 * <p>Used by one thread, which closes it.
 */
final class FrozenAnswer implements AutoCloseable {

    private final EqualInputs inputs;
    private final BackgroundTask<Value> answering;

    /** The samples are the caller's, and not written to. */
    FrozenAnswer(EngineModel frozen, List<Value> samples) {
        inputs = new EqualInputs(samples);
        Callable<Value> answer = () -> frozen.invoke("forward", inputs.arguments());
        answering = Runtime.getRuntime().availableProcessors() == 1
                ? BackgroundTask.now(answer)
                : BackgroundTask.start("cresset-check", answer);
    }

    /** The answer, once it is there; lent until this is closed. Throws what the module threw. */
    Value get() {
        return answering.get();
    }

    @Override
    public void close() {
        try {
            answering.outcome().ifPresent(Value::close);
        } finally {
            inputs.close();
        }
    }
}
