package dev.cresset.internal.loading;

import dev.cresset.DeviceUnavailableException;
import dev.cresset.FirstCallTuning;
import dev.cresset.ModelLoadException;
import dev.cresset.ModelOptions;
import dev.cresset.OutOfDeviceMemoryException;
import dev.cresset.Plan;
import dev.cresset.engine.Device;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.internal.Durations;
import dev.cresset.internal.Failures;
import dev.cresset.internal.tuning.Agreement;
import dev.cresset.internal.tuning.PlanCache;
import dev.cresset.internal.tuning.PlanKey;
import dev.cresset.internal.tuning.Samples;
import dev.cresset.internal.tuning.Stopwatch;
import dev.cresset.internal.tuning.Tuner;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A model on its way: loaded, then, if nobody has said how it is to be computed and there is something to try it with, tuned.
 *
 * <p>Used by one thread.
 */
public final class Opening {
    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private final ModelOptions options;
    private Digest digest;
    private final Supplier<Stopwatch> stopwatch;
    private final String chosenIn;
    private final Engine engine;
    private final String name;
    private final FallbackModel serving;
    private boolean checked;
    private boolean tried;

    /** What tells this model from any other: asked for only when a choice is to be remembered. */
    public interface Digest {
        String get() throws IOException;
    }

    /**
     * Loads a model, to be tuned.
     *
     * @param chosenIn who chose how to compute, if the options say how
     */
    public Opening(
            ModelSource source,
            ModelOptions options,
            String chosenIn,
            Engine engine,
            Digest digest,
            Supplier<Stopwatch> stopwatch) {
        this.options = options;
        this.chosenIn = chosenIn;
        this.digest = digest;
        this.stopwatch = stopwatch;
        this.engine = engine;
        this.name = source.name();
        this.serving = load(source);
    }

    /** What was loaded, and is served from; the receiver closes it. */
    public FallbackModel serving() {
        return serving;
    }

    private FallbackModel load(ModelSource source) {
        Optional<Optimization> wanted = options.optimization();
        Device device = options.device().orElse(Device.cpu());
        if (!device.isCpu()) {
            requireDevice(source.name(), device);
            requireRoom(source, device);
        }
        try {
            boolean freeze = wanted.isEmpty() || wanted.get() != Optimization.AS_IS;
            EngineModel loaded = engine.load(
                    source,
                    new LoadOptions(
                            options.intraOpThreads(),
                            freeze,
                            options.precision(),
                            options.engineOptions(),
                            device,
                            options.cudaGraphs()));
            FallbackModel plain =
                    new FallbackModel(source.name(), loaded, plan(loaded, Plan.Origin.NOT_TUNED, untuned(loaded)));
            if (wanted.isPresent()) {
                choose(plain, wanted.get());
            }
            return plain;
        } catch (EngineException e) {
            throw Failures.ofLoad(source.name(), e);
        }
    }

    private void requireDevice(String model, Device device) {
        engine.unavailable(device).ifPresent(missing -> {
            throw new DeviceUnavailableException("cannot open " + model + " on " + device + ": " + missing);
        });
    }

    /** Loading for a minute only to fail tells nothing more. */
    private void requireRoom(ModelSource source, Device device) {
        engine.device(device)
                .filter(report -> ModelSources.bytes(source) > report.freeBytes())
                .ifPresent(report -> {
                    throw new OutOfDeviceMemoryException(String.format(
                            Locale.ROOT,
                            "cannot load %s on %s: it has %,d bytes, and %,d of the device's %,d are free, %,d are in use by this process",
                            source.name(),
                            device,
                            ModelSources.bytes(source),
                            report.freeBytes(),
                            report.totalBytes(),
                            report.usedBytes()));
                });
    }

    private static String untuned(EngineModel loaded) {
        if (loaded.isStateful()) {
            return "the module keeps a state between calls";
        }
        return loaded.optimizations().isEmpty() ? "the engine has no other way" : "nothing to try it with";
    }

    private void choose(FallbackModel plain, Optimization wanted) {
        EngineModel loaded = plain.plain();
        EngineModel chosen = loaded;
        boolean success = false;
        try {
            if (wanted != Optimization.AS_IS && wanted != Optimization.FROZEN) {
                if (!loaded.optimizations().contains(wanted)) {
                    throw new EngineException(
                            EngineException.Kind.LOAD,
                            "engine '" + engine.name() + "' cannot compute this module " + wanted + ", only "
                                    + loaded.optimization()
                                    + (loaded.optimizations().isEmpty()
                                            ? "; choose that, or none"
                                            : " or one of " + loaded.optimizations()));
                }
                chosen = loaded.optimized(wanted);
            }
            plain.serve(chosen, plan(chosen, Plan.Origin.CHOSEN, "chosen in " + chosenIn));
            if (!isReduced()) {
                loaded.settle();
            }
            success = true;
        } finally {
            if (!success) {
                loaded.close();
            }
        }
    }

    private static Plan plan(EngineModel model, Plan.Origin origin, String reason) {
        return new Plan(model.optimization(), model.precision(), origin, reason, List.of());
    }

    /** Whether there is a choice to be made, or an accuracy to be checked. */
    public boolean needsSamples() {
        return isReduced() || hasChoice();
    }

    private boolean hasChoice() {
        return options.optimization().isEmpty()
                && !serving.plain().optimizations().isEmpty();
    }

    private boolean isReduced() {
        return options.precision() != Precision.AS_SAVED;
    }

    /** Tunes with what the options have; false if they have nothing. */
    public boolean tunedByOptions() {
        if (!options.exampleInputs().isEmpty()) {
            tune(options.exampleInputs());
            return true;
        }
        if (!Samples.canBeMadeOf(options.inputs())) {
            return false;
        }
        List<Value> samples = Samples.of(options.inputs());
        try {
            tune(samples);
        } finally {
            samples.forEach(Value::close);
        }
        return true;
    }

    /** Whether it was tuned. */
    public boolean wasTried() {
        return tried;
    }

    /** Tunes with samples of the sizes that an exported program says of itself; false where it is none. */
    public boolean tunedBySignature() {
        Signature.Method forward = serving.plain().signature().methods().get("forward");
        if (forward == null || !Samples.canBeMadeFor(forward.parameters())) {
            return false;
        }
        List<Value> samples = Samples.ofSignature(forward.parameters());
        try {
            tune(samples);
        } finally {
            samples.forEach(Value::close);
        }
        return true;
    }

    public void tune(List<Value> samples) {
        tried = true;
        if (hasChoice() && !options.tuningBudget().isZero()) {
            choose(samples);
        }
        if (isReduced()) {
            check(samples);
        }
    }

    private Agreement agreement() {
        return isReduced() ? Agreement.within(options.maxDeviation()) : Agreement.upToRounding();
    }

    private Tuner tuner(List<Value> samples, Agreement agreement) {
        return new Tuner(samples, agreement, options.tuningBudget(), stopwatch.get(), options.tuningListener());
    }

    /** Holds what is tried to what the frozen module answers: what it was saved in need not be there any more. */
    private Tuner laterTuner(List<Value> samples, BooleanSupplier cancelled) {
        return tuner(samples, agreement()).withoutSource().until(cancelled);
    }

    /** The last word on what serves: it may be none of those that were tried. */
    private void check(List<Value> samples) {
        Agreement agreement = agreement();
        Optional<String> refusal;
        try (Tuner tuner = tuner(samples, agreement)) {
            refusal = tuner.refusal(serving.plain(), serving);
        } catch (EngineException e) {
            throw new ModelLoadException(
                    "cannot serve " + name + " in " + options.precision() + ": the samples fail: "
                            + Failures.tellingLine(e.reason()) + "; use Precision.AS_SAVED",
                    e);
        }
        if (refusal.isPresent()) {
            throw new ModelLoadException(
                    "cannot serve " + name + " in " + options.precision() + ": on the samples it " + refusal.get()
                            + "; at most " + options.maxDeviation()
                            + " of the largest number is allowed (ModelOptions.maxDeviation)");
        }
        checked = true;
        LOG.log(
                System.Logger.Level.INFO,
                () -> String.format(
                        Locale.ROOT,
                        "%s: %s moves its answers by at most %.2g of the largest number",
                        name,
                        options.precision(),
                        agreement.largestDeviation()));
    }

    private void choose(List<Value> samples) {
        try (Tuner tuner = tuner(samples, agreement())) {
            choose(samples, tuner, "", () -> false);
        }
    }

    private void chooseLater(List<Value> samples, BooleanSupplier cancelled) {
        try (Tuner tuner = laterTuner(samples, cancelled)) {
            choose(samples, tuner, " with its first call's inputs", cancelled);
        }
        serving.plain().settle();
    }

    private void choose(List<Value> samples, Tuner tuner, String how, BooleanSupplier cancelled) {
        Optional<String> key = key(samples);
        PlanCache cache = PlanCache.ofProcess();
        Optional<PlanCache.Remembered> before = key.flatMap(cache::get);
        EngineModel loaded = serving.plain();
        boolean looks = before.isEmpty() || before.get().disturbed();
        if (looks) {
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> String.format(
                                    Locale.ROOT,
                                    "%s: looking for the fastest way to compute it%s, for up to %.1f s;",
                                    name,
                                    how,
                                    Durations.nanos(options.tuningBudget()) / 1e9)
                            + " -Dcresset.optimization=NAME, or optimization: NAME in the archive's settings, takes one at once");
        }
        Tuner.Tuned tuned = before.isEmpty()
                ? tuner.tune(loaded)
                : before.get().disturbed()
                        ? tuner.lookAgain(loaded, before.get().plan())
                        : tuner.again(loaded, before.get());
        serving.serve(tuned.model(), tuned.plan());
        if (cancelled.getAsBoolean()) {
            return; // closed before all was tried: nothing to remember
        }
        Optional<Path> kept = tuned.plan().origin() == Plan.Origin.TUNED
                ? key.flatMap(known -> cache.put(
                        known, PlanCache.Remembered.after(before, tuned.plan(), tuned.disturbed(), tuned.answer())))
                : Optional.empty();
        if (looks) {
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> name + ": " + tuned.plan()
                            + kept.map(folder -> "; kept for the next start in " + folder)
                                    .orElse(""));
        }
    }

    /** The choice is over; lets go of what only it needed. */
    public void settle() {
        if (isReduced() && !checked) {
            throw new ModelLoadException("cannot serve " + name + " in " + options.precision()
                    + ": there is nothing to compare its answers on;"
                    + " give ModelOptions.exampleInputs or inputs, or a handler with an example");
        }
        boolean later = hasChoice()
                && !tried
                && options.firstCallTuning() != FirstCallTuning.NONE
                && !options.tuningBudget().isZero();
        if (later) {
            keepDigest();
            serving.tuneLater(new LaterTuning(
                    name, options.firstCallTuning() == FirstCallTuning.IN_BACKGROUND, this::chooseLater));
        } else {
            serving.plain().settle();
        }
        LOG.log(System.Logger.Level.DEBUG, serving::toString);
    }

    /** What it is read from need not be there later. */
    private void keepDigest() {
        try {
            String known = digest.get();
            digest = () -> known;
        } catch (IOException e) {
            digest = () -> {
                throw e;
            };
        }
    }

    /** Names all that the choice depends on; nothing if the model cannot be told from others. */
    private Optional<String> key(List<Value> samples) {
        try {
            return Optional.of(PlanKey.of(digest.get(), engine, serving.device(), options, samples));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
