package dev.cresset;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;

/**
 * Java handlers for archives whose own handler is a Python file, for the whole process: {@link Predictor#open(ModelArchive)}
 * takes them from here. For one predictor alone, use {@link Predictor#open(ModelArchive, Handler)}; for all users of a
 * library, offer a {@link HandlerProvider}. What is registered here comes before what is offered, and before the built-in.
 *
 * <pre>{@code
 * Handlers.register("mnist_handler.py", archive -> new MnistHandler());
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
public final class Handlers {

    private Handlers() {}

    /** Makes the handler of one archive. */
    @FunctionalInterface
    public interface Factory {

        /**
         * A handler for an archive. What it needs of the archive it reads now.
         *
         * @throws IOException if the archive lacks something, or has it wrong
         */
        Handler<byte[], String> open(ModelArchive archive) throws IOException;
    }

    /** Closing it takes the handler back; predictors that are open keep theirs. Closing again does nothing. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Registers a handler until its registration is closed; for good, if that is never done.
     *
     * @param name the Python file's name, or a name that manifests have for a handler
     * @throws IllegalStateException if there is one of that name: two archives whose files are named alike but are not
     *     share one factory that looks into the archive, or each get their handler when they are opened
     */
    public static Registration register(String name, Factory factory) {
        return HandlerLookup.register(name, factory);
    }

    /**
     * The handler that {@link Predictor#open(ModelArchive)} gives an archive: the one its manifest names. To be wrapped, or
     * asked for its example.
     *
     * @throws IOException if the archive cannot be read, or lacks what its handler needs
     * @throws ModelLoadException if its handler is not to be had
     */
    public static Handler<byte[], String> open(ModelArchive archive) throws IOException {
        return HandlerLookup.open(archive);
    }
}
