package dev.cresset.internal.loading;

import dev.cresset.EngineUnavailableException;
import dev.cresset.config.SystemProperties;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineProvider;
import dev.cresset.engine.ModelFormat;
import dev.cresset.engine.ModelSource;
import dev.cresset.internal.Failures;
import dev.cresset.internal.image.RowResamplers;
import dev.cresset.internal.services.LostServices;
import java.util.ArrayList;
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
    private static final List<String> OURS = List.of(
            "dev.cresset.torch.BridgeProvider", "dev.cresset.torch.PortableProvider", "dev.cresset.onnx.OnnxProvider");

    private Engines() {}

    /** The one that is asked for, or the best there is, of those that open the format. */
    public static Engine open(Optional<String> asked, ModelFormat format) {
        List<EngineProvider> all = EngineProvider.all();
        Optional<String> wanted = asked.filter(name -> isMeant(name, format, all));
        List<EngineProvider> opening =
                all.stream().filter(p -> p.formats().contains(format)).toList();
        List<EngineProvider> candidates = opening.stream()
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
                // The next best may still run: the bridge wants one LibTorch, say, the portable engine takes any.
                failures.add(e);
                reasons.add("engine '" + candidate.name() + "' cannot run here: " + e.reason());
            }
        }
        if (failures.isEmpty()) {
            String lost = LostServices.explain(EngineProvider.class, OURS, all);
            throw new EngineUnavailableException(missing(wanted, format, names(all), names(opening), lost));
        }
        // The best one's reason mostly is the others', too, in words that lead astray.
        EngineUnavailableException none = new EngineUnavailableException(
                "engine '" + candidates.get(0).name() + "' cannot run here: "
                        + failures.get(0).reason(),
                failures.get(0));
        failures.stream().skip(1).forEach(none::addSuppressed);
        throw none;
    }

    /** What the files beside a model are, by the best engine that opens its format. */
    static Set<String> filesBeside(ModelFormat format, ModelSource source) {
        Optional<EngineProvider> best = EngineProvider.all().stream()
                .filter(p -> p.formats().contains(format))
                .findFirst();
        try {
            return best.isPresent() ? best.get().filesBeside(source) : Set.of();
        } catch (EngineException e) {
            throw Failures.ofLoad(source.name(), e);
        }
    }

    private static List<String> names(List<EngineProvider> providers) {
        return providers.stream().map(EngineProvider::name).toList();
    }

    /** The system property speaks of all models of a process: of those that its engine does not open, it says nothing. */
    private static boolean isMeant(String name, ModelFormat format, List<EngineProvider> all) {
        boolean ofProcess = name.equals(System.getProperty(SystemProperties.ENGINE));
        return !ofProcess
                || all.stream()
                        .filter(p -> p.name().equals(name))
                        .allMatch(p -> p.formats().contains(format));
    }

    private static String missing(
            Optional<String> wanted, ModelFormat format, List<String> names, List<String> opening, String lost) {
        if (wanted.isPresent() && names.contains(wanted.get())) {
            return "engine '" + wanted.get() + "' does not open " + format + ", "
                    + (opening.isEmpty() ? dependency(format) : opening + (opening.size() == 1 ? " does" : " do"));
        }
        if (names.isEmpty() || (opening.isEmpty() && wanted.isEmpty())) {
            String none = names.isEmpty() && format == ModelFormat.PYTORCH
                    ? "no engine is "
                    : "this is " + format + ", and no engine that opens one is ";
            return lost.isEmpty() ? none + "on the class path; " + dependency(format) : none + "found" + lost;
        }
        if (wanted.isPresent()) {
            return "there is no engine '" + wanted.get() + "'; there are " + names + lost;
        }
        return "no engine runs on " + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", of "
                + opening + "; LibTorch is to be had for Linux x86-64, Windows x86-64 and macOS arm64";
    }

    private static String dependency(ModelFormat format) {
        return "add the dependency " + format.dependency();
    }
}
