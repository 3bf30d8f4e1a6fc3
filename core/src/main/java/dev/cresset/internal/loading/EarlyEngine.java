package dev.cresset.internal.loading;

import static java.util.Objects.requireNonNullElse;

import dev.cresset.EngineUnavailableException;
import dev.cresset.engine.Engine;
import dev.cresset.engine.ModelFormat;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * An engine that gets ready on a thread of its own, while its caller unpacks the model: in a process that has just started,
 * loading LibTorch takes about as long as inflating an archive of 45 MB.
 *
 * <p>Used by one thread, which closes it: a process may end when opening a model has failed, and no library should be on its way
 * in by then.
 */
public final class EarlyEngine implements AutoCloseable {

    private final FutureTask<Engine> opening;

    private EarlyEngine(FutureTask<Engine> opening) {
        this.opening = opening;
    }

    /** Starts to open one that opens the format. */
    public static EarlyEngine start(Optional<String> wanted, ModelFormat format) {
        FutureTask<Engine> opening = new FutureTask<>(() -> Engines.open(wanted, format));
        Thread thread = new Thread(opening, "cresset-engine");
        thread.setDaemon(true);
        thread.start();
        return new EarlyEngine(opening);
    }

    /**
     * The engine, once it is ready. An interrupt does not end the wait, and stays with the thread.
     *
     * @throws EngineUnavailableException if there is none
     */
    public Engine get() {
        close();
        try {
            return opening.get();
        } catch (ExecutionException e) {
            throw here(requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            throw new IllegalStateException("it was ready before", e);
        }
    }

    /** As {@link Engines#open} threw it, but with the stack of who sees it. */
    private static RuntimeException here(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof EngineUnavailableException there) {
            EngineUnavailableException unavailable =
                    new EngineUnavailableException(String.valueOf(there.getMessage()), there.getCause());
            for (Throwable other : there.getSuppressed()) {
                unavailable.addSuppressed(other);
            }
            return unavailable;
        }
        return thrown instanceof RuntimeException other ? other : new IllegalStateException(thrown);
    }

    /** Waits until the engine is ready, or known never to be. */
    @Override
    public void close() {
        boolean interrupted = false;
        while (!opening.isDone()) {
            try {
                opening.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
