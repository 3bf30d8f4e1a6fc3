package dev.cresset.internal.loading;

import dev.cresset.EngineUnavailableException;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineProvider;
import dev.cresset.internal.LostServices;
import dev.cresset.internal.Services;
import dev.cresset.internal.image.RowResamplers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;

/** Finds the engine to load a model with. Where the best cannot run, the next one does, and a warning says why, once. */
public final class Engines {

    private static final System.Logger LOG = System.getLogger("dev.cresset");
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    /** What offers engines in the jars of Cresset. */
    private static final List<String> OURS =
            List.of("dev.cresset.torch.BridgeProvider", "dev.cresset.torch.PortableProvider");

    private Engines() {}

    public static Engine open(Optional<String> wanted) {
        List<EngineProvider> all = Services.all(EngineProvider.class).stream()
                .sorted(Comparator.comparingInt(EngineProvider::priority).reversed())
                .toList();
        List<EngineProvider> candidates = all.stream()
                .filter(p -> wanted.isPresent() ? p.name().equals(wanted.get()) : p.isSupported())
                .toList();
        List<EngineException> failures = new ArrayList<>();
        StringJoiner reasons = new StringJoiner("; ");
        for (EngineProvider candidate : candidates) {
            try {
                Engine engine = candidate.open();
                RowResamplers.offer(engine);
                if (!failures.isEmpty() && SAID.add(candidate.name())) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            reasons + "; models run on '" + candidate.name() + "' instead, which may be much slower",
                            failures.get(0));
                }
                return engine;
            } catch (EngineException e) {
                // The next best may still run: the bridge wants LibTorch's CPU build, say, the portable engine takes
                // any.
                failures.add(e);
                reasons.add("engine '" + candidate.name() + "' cannot run here: " + e.reason());
            }
        }
        if (failures.isEmpty()) {
            String lost = LostServices.explain(EngineProvider.class, OURS, all);
            throw new EngineUnavailableException(
                    missing(wanted, all.stream().map(EngineProvider::name).toList(), lost));
        }
        // The best one's reason mostly is the others', too, in words that lead astray.
        EngineUnavailableException none = new EngineUnavailableException(
                "engine '" + candidates.get(0).name() + "' cannot run here: "
                        + failures.get(0).reason(),
                failures.get(0));
        failures.stream().skip(1).forEach(none::addSuppressed);
        throw none;
    }

    private static String missing(Optional<String> wanted, List<String> names, String lost) {
        if (names.isEmpty()) {
            return lost.isEmpty()
                    ? "no engine is on the class path; add the dependency dev.cresset:cresset-natives"
                    : "no engine is found" + lost;
        }
        if (wanted.isPresent()) {
            return "there is no engine '" + wanted.get() + "'; there are " + names + lost;
        }
        return "no engine runs on " + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", of "
                + names + "; LibTorch is to be had for Linux x86-64, Windows x86-64 and macOS arm64";
    }
}
