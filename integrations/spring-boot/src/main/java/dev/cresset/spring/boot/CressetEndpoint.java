package dev.cresset.spring.boot;

import dev.cresset.Batching;
import dev.cresset.InferenceException;
import dev.cresset.Plan;
import dev.cresset.Predictor;
import dev.cresset.PredictorMetrics;
import dev.cresset.engine.Device;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.ModelVersion;
import dev.cresset.tensor.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@code /actuator/cresset}: each model with how it is computed and what it has done; by name, with what else was tried and what it
 * takes. It shows where models are, and nothing of requests, answers, or weights.
 */
@Endpoint(id = "cresset")
public final class CressetEndpoint {

    private final ModelInventory models;

    CressetEndpoint(ModelInventory models) {
        this.models = models;
    }

    /** All models. */
    public record Models(Map<String, Model> models, Map<String, List<Version>> registries) {}

    /**
     * A model of the properties, or a predictor bean of the application's own.
     *
     * @param state NOT_OPENED, OPENING, READY, FAILED, or CLOSED
     */
    public record Model(
            String state,
            @Nullable String location,
            @Nullable String version,
            @Nullable String failure,
            @Nullable List<String> devices,
            @Nullable Computation plan,
            @Nullable Together batching,
            @Nullable Metrics metrics,
            @Nullable List<Candidate> tried,
            @Nullable Map<String, String> methods) {}

    /** A version in a registry. */
    public record Version(
            String model,
            String version,
            long revision,
            boolean isDefault,
            double share,
            String archive,
            Instant since,
            Computation plan,
            Metrics metrics) {}

    /** How a model is computed, and why so. */
    public record Computation(String optimization, String precision, String origin, String reason) {}

    /** How many requests go together. */
    public record Together(int maxSize, Duration maxDelay) {}

    /** A way that was tried. */
    public record Candidate(
            String optimization,
            @Nullable Duration time,
            @Nullable String refusal) {}

    /** What a predictor has done; times since somebody first looked. */
    public record Metrics(
            long answered,
            long invalidInputs,
            long executionFailures,
            long outOfNativeMemory,
            long otherFailures,
            long rejected,
            long expired,
            long cancelled,
            long batches,
            long rows,
            long paddingRows,
            int waiting,
            int running,
            Map<String, Time> times) {}

    /** Where time goes. */
    public record Time(long count, Duration mean, Duration median, Duration p99, Duration max) {}

    /** All models, in order of their names. */
    @ReadOperation
    public Models models() {
        Map<String, Model> found = new TreeMap<>();
        models.models().forEach((name, item) -> found.put(name, describe(item, /* inDetail= */ false)));
        Map<String, List<Version>> registries = new TreeMap<>();
        models.registries().forEach((name, registry) -> registries.put(name, versions(registry)));
        return new Models(found, registries);
    }

    /** One model, with what was tried and what it takes; null, and so not found, if there is none of that name. */
    @ReadOperation
    public @Nullable Model model(@Selector String name) {
        return Optional.ofNullable(models.models().get(name))
                .map(item -> describe(item, /* inDetail= */ true))
                .orElse(null);
    }

    private static Model describe(ModelInventory.Item item, boolean inDetail) {
        Optional<Predictor<?, ?>> there = item.predictor();
        Optional<Predictor<?, ?>> shown = inDetail ? there : Optional.empty();
        return new Model(
                item.state().name(),
                item.location().orElse(null),
                item.version().orElse(null),
                item.failure().orElse(null),
                there.map(CressetEndpoint::devices).orElse(null),
                there.map(predictor -> computation(predictor.plan())).orElse(null),
                there.map(predictor -> together(predictor.batching())).orElse(null),
                there.map(predictor -> metrics(predictor.metrics())).orElse(null),
                shown.map(predictor -> candidates(predictor.plan())).orElse(null),
                shown.map(predictor -> methods(predictor.signature())).orElse(null));
    }

    private static List<String> devices(Predictor<?, ?> predictor) {
        return predictor.devices().stream().map(Device::toString).toList();
    }

    private static Map<String, String> methods(Signature signature) {
        Map<String, String> found = new TreeMap<>();
        signature.methods().forEach((name, method) -> found.put(name, method.parameters() + " -> " + method.result()));
        return found;
    }

    private static Together together(Batching batching) {
        return new Together(batching.maxSize(), batching.maxDelay());
    }

    private static List<Version> versions(ModelRegistry<?, ?> registry) {
        return ModelInventory.versions(registry).stream()
                .flatMap(version -> version(registry, version).stream())
                .toList();
    }

    private static Optional<Version> version(ModelRegistry<?, ?> registry, ModelVersion version) {
        PredictorMetrics metrics;
        try {
            metrics = registry.metrics(version.model(), version.version());
        } catch (InferenceException e) {
            return Optional.empty(); // gone since, or all are
        }
        return Optional.of(new Version(
                version.model(),
                version.version(),
                version.revision(),
                version.isDefault(),
                version.share(),
                version.archive().toString(),
                version.since(),
                computation(version.plan()),
                metrics(metrics)));
    }

    private static Computation computation(Plan plan) {
        return new Computation(
                plan.optimization().name(),
                plan.precision().name(),
                plan.origin().name(),
                plan.reason());
    }

    private static List<Candidate> candidates(Plan plan) {
        return plan.candidates().stream()
                .map(candidate -> new Candidate(
                        candidate.optimization().name(),
                        candidate.time().orElse(null),
                        candidate.refusal().orElse(null)))
                .toList();
    }

    private static Metrics metrics(PredictorMetrics seen) {
        Map<String, Time> times = new TreeMap<>();
        times.put("total", time(seen.total()));
        times.put("preprocess", time(seen.preprocess()));
        times.put("queue", time(seen.queue()));
        times.put("native", time(seen.nativeCall()));
        times.put("postprocess", time(seen.postprocess()));
        return new Metrics(
                seen.answered(),
                seen.invalidInputs(),
                seen.executionFailures(),
                seen.outOfNativeMemory(),
                seen.otherFailures(),
                seen.rejected(),
                seen.expired(),
                seen.cancelled(),
                seen.batches(),
                seen.rows(),
                seen.paddingRows(),
                seen.waiting(),
                seen.running(),
                times);
    }

    private static Time time(PredictorMetrics.Latency latency) {
        return new Time(latency.count(), latency.mean(), latency.percentile(50), latency.percentile(99), latency.max());
    }
}
