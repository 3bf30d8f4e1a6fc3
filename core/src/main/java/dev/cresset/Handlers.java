package dev.cresset;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

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

    private static final Map<String, Factory> REGISTERED = new ConcurrentHashMap<>();

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
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(factory, "factory");
        if (REGISTERED.putIfAbsent(name, factory) != null) {
            throw new IllegalStateException(
                    "a handler '" + name + "' is registered already; close its registration first");
        }
        return () -> REGISTERED.remove(name, factory);
    }

    static Optional<Factory> registered(ModelArchive archive, String handler) {
        String source = sourceFile(handler);
        return Optional.ofNullable(REGISTERED.get(archive.entries().contains(source) ? source : handler));
    }

    /** The file that a manifest's handler is in, should it be Python: {@code handler.py} of {@code handler:handle}. */
    static String sourceFile(String handler) {
        String module = handler.split(":", 2)[0];
        return module.endsWith(".py") ? module : module + ".py";
    }

    static String howToPort(String archive, String source) {
        return archive + ": its handler '" + source
                + "' is a Python file, which does not run in a JVM; port it to a Handler in Java and register that before"
                + " the archive is opened:\n"
                + "    Handlers.register(\"" + source + "\", archive -> new MyHandler());\n"
                + "    try (ModelArchive archive = ModelArchive.open(Path.of(\"" + archive + "\"));\n"
                + "            Predictor<byte[], String> predictor = Predictor.open(archive)) { ...";
    }
}
