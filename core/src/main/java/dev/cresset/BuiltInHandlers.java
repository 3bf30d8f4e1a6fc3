package dev.cresset;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;

/** Finds the handler that an archive's manifest names. */
final class BuiltInHandlers {

    /** What cresset-text answers to, where it is there. */
    private static final Set<String> TEXT =
            Set.of("text_classifier", "sequence_classifier", "text_embedder", "token_classifier");

    private BuiltInHandlers() {}

    static Handler<byte[], String> open(ModelArchive archive) throws IOException {
        String archiveName = String.valueOf(archive.path().getFileName());
        String handler = archive.manifest().model().handler();
        String source = Handlers.sourceFile(handler);
        Optional<Handlers.Factory> registered = Handlers.registered(archive, handler);
        if (registered.isPresent()) {
            return registered.get().open(archive);
        }
        List<HandlerProvider> providers =
                ServiceLoader.load(HandlerProvider.class, BuiltInHandlers.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        // TorchServe looks into the archive first, so that a file beats a built-in handler of the same name.
        boolean python = archive.entries().contains(source);
        String name = python ? source : handler;
        for (HandlerProvider provider : providers) {
            if (provider.names().contains(name)) {
                return provider.open(name, archive);
            }
        }
        if (python) {
            throw new ModelLoadException(Handlers.howToPort(archiveName, source), null);
        }
        if (TEXT.contains(handler)) {
            throw new ModelLoadException(
                    archiveName + ": its handler '" + handler
                            + "' is not in core; add the dependency dev.cresset:cresset-text, which brings it",
                    null);
        }
        TreeSet<String> known = new TreeSet<>();
        providers.forEach(provider -> known.addAll(provider.names()));
        throw new ModelLoadException(
                archiveName + ": "
                        + (handler.isEmpty() ? nobody(archive) : "there is no handler '" + handler + "', only " + known)
                        + "; write a Handler and use Predictor.open(archive, handler)",
                null);
    }

    private static String nobody(ModelArchive archive) {
        String manifest = "MAR-INF/MANIFEST.json";
        return archive.entries().contains(manifest)
                ? "its " + manifest + " names no handler"
                : "it has no " + manifest + ", which would name its handler; it holds "
                        + new TreeSet<>(archive.entries());
    }
}
