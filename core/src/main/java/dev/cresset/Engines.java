package dev.cresset;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineProvider;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds the engine to load a model with. */
final class Engines {

    private Engines() {}

    static Engine open(Optional<String> wanted) {
        List<EngineProvider> all = ServiceLoader.load(EngineProvider.class, Engines.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(EngineProvider::priority).reversed())
                .toList();
        List<String> names = all.stream().map(EngineProvider::name).toList();
        EngineProvider chosen = all.stream()
                .filter(p -> wanted.isPresent() ? p.name().equals(wanted.get()) : p.isSupported())
                .findFirst()
                .orElseThrow(() -> new EngineUnavailableException(missing(wanted, names), null));
        try {
            return chosen.open();
        } catch (EngineException e) {
            throw new EngineUnavailableException("engine '" + chosen.name() + "' cannot run here: " + e.reason(), e);
        }
    }

    private static String missing(Optional<String> wanted, List<String> names) {
        if (names.isEmpty()) {
            return "no engine is on the class path; add the dependency dev.cresset:cresset-natives";
        }
        if (wanted.isPresent()) {
            return "there is no engine '" + wanted.get() + "'; there are " + names;
        }
        return "no engine runs on " + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", of "
                + names + "; LibTorch is to be had for Linux x86-64, Windows x86-64 and macOS arm64";
    }
}
