package dev.cresset;

import dev.cresset.internal.services.LostServices;
import dev.cresset.internal.services.Services;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

    /** What cresset-text answers to, where it is there. */
    private static final Set<String> TEXT =
            Set.of("text_classifier", "sequence_classifier", "text_embedder", "token_classifier");

    /** What offers handlers in the jars of Cresset. */
    private static final List<String> OURS = List.of("dev.cresset.handler.BuiltIns", "dev.cresset.text.TextHandlers");

    private static final Map<String, Handlers.Factory> REGISTERED = new ConcurrentHashMap<>();

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

    /**
     * The handler that {@link Predictor#open(ModelArchive)} gives an archive: the one its manifest names. To be wrapped, or
     * asked for its example.
     *
     * @throws IOException if the archive cannot be read, or lacks what its handler needs
     * @throws ModelLoadException if its handler is not to be had
     */
    public static Handler<byte[], String> open(ModelArchive archive) throws IOException {
        String archiveName = archive.name();
        String handler = archive.manifest().model().handler().orElse("");
        String source = sourceFile(handler);
        Optional<Handlers.Factory> registered = registered(archive, handler);
        if (registered.isPresent()) {
            return registered.get().open(archive);
        }
        List<HandlerProvider> providers = Services.all(HandlerProvider.class);
        // TorchServe looks into the archive first, so that a file beats a built-in handler of the same name.
        boolean python = archive.entries().contains(source);
        String name = python ? source : handler;
        for (HandlerProvider provider : providers) {
            if (provider.names().contains(name)) {
                return provider.open(name, archive);
            }
        }
        if (python) {
            throw new ModelLoadException(howToPort(archiveName, source));
        }
        String lost = handler.isEmpty() ? "" : LostServices.explain(HandlerProvider.class, OURS, providers);
        if (TEXT.contains(handler) && lost.isEmpty()) {
            throw new ModelLoadException(archiveName + ": its handler '" + handler
                    + "' is not in core; add the dependency dev.cresset:cresset-text, which brings it");
        }
        TreeSet<String> known = new TreeSet<>();
        providers.forEach(provider -> known.addAll(provider.names()));
        throw new ModelLoadException(archiveName + ": "
                + (handler.isEmpty() ? nobody(archive) : "there is no handler '" + handler + "', only " + known)
                + (lost.isEmpty() ? "; write a Handler and use Predictor.open(archive, handler)" : lost));
    }

    private static String nobody(ModelArchive archive) {
        String manifest = "MAR-INF/MANIFEST.json";
        return archive.entries().contains(manifest)
                ? "its " + manifest + " names no handler"
                : "it has no " + manifest + ", which would name its handler; it holds "
                        + new TreeSet<>(archive.entries());
    }

    private static Optional<Handlers.Factory> registered(ModelArchive archive, String handler) {
        String source = sourceFile(handler);
        return Optional.ofNullable(REGISTERED.get(archive.entries().contains(source) ? source : handler));
    }

    /** The file that a manifest's handler is in, should it be Python: {@code handler.py} of {@code handler:handle}. */
    private static String sourceFile(String handler) {
        String module = handler.split(":", 2)[0];
        return module.endsWith(".py") ? module : module + ".py";
    }

    private static String howToPort(String archive, String source) {
        return archive + ": its handler '" + source
                + "' is a Python file, which does not run in a JVM; port it to a Handler in Java and register that before"
                + " the archive is opened:\n"
                + "    Handlers.register(\"" + source + "\", archive -> new MyHandler());\n"
                + "    try (ModelArchive archive = ModelArchive.open(Path.of(\"" + archive + "\"));\n"
                + "            Predictor<byte[], String> predictor = Predictor.open(archive)) { ...";
    }
}
