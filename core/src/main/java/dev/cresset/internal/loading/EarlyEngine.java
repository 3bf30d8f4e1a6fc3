package dev.cresset.internal.loading;

import dev.cresset.EngineUnavailableException;
import dev.cresset.engine.Engine;
import dev.cresset.engine.ModelFormat;
import dev.cresset.internal.BackgroundTask;
import java.util.Optional;

/**
 * An engine that gets ready on a thread of its own, while its caller unpacks the model: in a process that has just started,
 * loading LibTorch takes about as long as inflating an archive of 45 MB.
 *
 * <p>Used by one thread, which closes it: a process may end when opening a model has failed, and no library should be on its way
 * in by then.
 */
public final class EarlyEngine implements AutoCloseable {

    private final BackgroundTask<Engine> opening;

    private EarlyEngine(BackgroundTask<Engine> opening) {
        this.opening = opening;
    }

    /** Starts to open one that opens the format. */
    public static EarlyEngine start(Optional<String> wanted, ModelFormat format) {
        return new EarlyEngine(BackgroundTask.start("cresset-engine", () -> Engines.open(wanted, format)));
    }

    /**
     * The engine, once it is ready. An interrupt does not end the wait, and stays with the thread.
     *
     * @throws EngineUnavailableException if there is none
     */
    public Engine get() {
        try {
            return opening.get();
        } catch (EngineUnavailableException e) {
            throw here(e);
        }
    }

    /** As {@link Engines#open} threw it, but with the stack of who sees it. */
    private static EngineUnavailableException here(EngineUnavailableException there) {
        EngineUnavailableException unavailable =
                new EngineUnavailableException(String.valueOf(there.getMessage()), there.getCause());
        for (Throwable other : there.getSuppressed()) {
            unavailable.addSuppressed(other);
        }
        return unavailable;
    }

    /** Waits until the engine is ready, or known never to be. */
    @Override
    public void close() {
        opening.close();
    }
}
