package dev.cresset.registry;

import dev.cresset.RegistryConflictException;
import dev.cresset.UnknownModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The versions of one model, and how requests that name none are shared out among them. A change makes another one, which a
 * registry puts in the place of this.
 *
 * <p>Immutable but for its position in the split's sequence; safe for use by several threads.
 */
final class ModelVersions<I, O> {

    private final String model;
    private final Map<String, VersionInService<I, O>> versions;
    private final String byDefault;
    private final Map<String, Integer> weights;
    private final List<VersionInService<I, O>> sharing;
    private final TrafficSplit split;
    private final AtomicLong position;

    /** With the weights of a split, or none: then all goes to the default. */
    private ModelVersions(
            String model,
            Map<String, VersionInService<I, O>> versions,
            String byDefault,
            Map<String, Integer> weights,
            AtomicLong position) {
        this.model = model;
        this.versions = versions;
        this.byDefault = byDefault;
        this.weights = weights.values().stream().allMatch(weight -> weight == 0) ? Map.of() : weights;
        this.position = position;
        Map<String, Integer> shares = this.weights.isEmpty() ? Map.of(byDefault, 1) : this.weights;
        this.sharing = shares.keySet().stream().map(this::required).toList();
        this.split = new TrafficSplit(List.copyOf(shares.values()), position);
    }

    /** A model's first version. */
    static <I, O> ModelVersions<I, O> first(VersionInService<I, O> live) {
        return new ModelVersions<>(
                live.model(), Map.of(live.version(), live), live.version(), Map.of(), new AtomicLong());
    }

    /** Where the next request goes that names no version. */
    VersionInService<I, O> next() {
        return sharing.size() == 1 ? sharing.get(0) : sharing.get(split.next());
    }

    /** Where requests go that name this version. */
    VersionInService<I, O> required(String version) {
        VersionInService<I, O> live = versions.get(version);
        if (live == null) {
            throw new UnknownModelException(
                    "model '" + model + "' has no version '" + version + "'; it has " + names());
        }
        return live;
    }

    boolean has(String version) {
        return versions.containsKey(version);
    }

    String byDefault() {
        return byDefault;
    }

    List<VersionInService<I, O>> all() {
        return List.copyOf(versions.values());
    }

    /** With one more. */
    ModelVersions<I, O> with(VersionInService<I, O> live) {
        requireFree(live.version());
        Map<String, VersionInService<I, O>> more = new LinkedHashMap<>(versions);
        more.put(live.version(), live);
        return new ModelVersions<>(model, more, byDefault, weights, position);
    }

    void requireFree(String version) {
        if (versions.containsKey(version)) {
            throw new RegistryConflictException("model '" + model + "' has a version '" + version
                    + "' already; update replaces it, unregister makes room for it");
        }
    }

    /** With another one in the place of a version: its requests, its share, its being the default. */
    ModelVersions<I, O> replacing(String version, VersionInService<I, O> live) {
        required(version);
        if (!version.equals(live.version())) {
            requireFree(live.version());
        }
        return new ModelVersions<>(
                model,
                renamed(versions, version, live.version(), live),
                byDefault.equals(version) ? live.version() : byDefault,
                weights.containsKey(version)
                        ? renamed(weights, version, live.version(), weights.get(version))
                        : weights,
                position);
    }

    /** The same order, another key and value in one place. */
    private static <V> Map<String, V> renamed(Map<String, V> map, String old, String key, V value) {
        Map<String, V> other = new LinkedHashMap<>();
        map.forEach((k, v) -> other.put(k.equals(old) ? key : k, k.equals(old) ? value : v));
        return other;
    }

    /** Without a version that is not the default; null if it was the last. Its share goes to the others, in the proportion of theirs. */
    @Nullable
    ModelVersions<I, O> without(String version) {
        required(version);
        if (versions.size() == 1) {
            return null;
        }
        Map<String, VersionInService<I, O>> others = new LinkedHashMap<>(versions);
        others.remove(version);
        if (byDefault.equals(version)) {
            throw new RegistryConflictException("version '" + version + "' is the default of model '" + model
                    + "' and cannot go before the others; make one of them the default: "
                    + String.join(", ", others.keySet()));
        }
        Map<String, Integer> left = new LinkedHashMap<>(weights);
        left.remove(version);
        return new ModelVersions<>(model, others, byDefault, left, position);
    }

    /** With another default, which all requests go to that name no version. */
    ModelVersions<I, O> defaultTo(String version) {
        required(version);
        return new ModelVersions<>(model, versions, version, Map.of(), position);
    }

    /** With requests that name no version shared out. */
    ModelVersions<I, O> split(Map<String, Integer> shares) {
        shares.keySet().forEach(this::required);
        if (shares.values().stream().anyMatch(weight -> weight < 0)
                || shares.values().stream().allMatch(weight -> weight == 0)) {
            throw new IllegalArgumentException(
                    "the weights are " + shares + "; none may be negative, and one must be more than zero");
        }
        Map<String, Integer> ordered = new LinkedHashMap<>();
        versions.keySet().stream().filter(shares::containsKey).forEach(v -> ordered.put(v, shares.get(v)));
        return new ModelVersions<>(model, versions, byDefault, ordered, position);
    }

    ModelVersion describe(VersionInService<I, O> live) {
        String version = live.version();
        long total = weights.values().stream().mapToLong(Integer::longValue).sum();
        double share = weights.isEmpty()
                ? (byDefault.equals(version) ? 1 : 0)
                : (double) weights.getOrDefault(version, 0) / total;
        return live.describe(byDefault.equals(version), share);
    }

    List<ModelVersion> describe() {
        return versions.values().stream().map(this::describe).toList();
    }

    /** The versions, for a message. */
    String names() {
        List<String> names = new ArrayList<>();
        versions.keySet().forEach(version -> names.add(version.equals(byDefault) ? version + " (default)" : version));
        return String.join(", ", names);
    }
}
