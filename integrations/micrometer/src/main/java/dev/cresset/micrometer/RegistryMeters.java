package dev.cresset.micrometer;

import dev.cresset.InferenceException;
import dev.cresset.PredictorMetrics;
import dev.cresset.registry.ModelRegistry;
import dev.cresset.registry.ModelVersion;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The metrics of all models in a {@link ModelRegistry} as meters: those of {@link PredictorMeters}, tagged {@code model} and
 * {@code version}. They come and go with the versions; an update begins to count anew.
 *
 * <pre>{@code
 * try (ModelRegistry<byte[], String> models = ModelRegistry.open();
 *         RegistryMeters meters = RegistryMeters.bind(models, registry)) {
 *     models.register(Path.of("digits.mar"));
 * }
 * }</pre>
 *
 * <p>The user closes it, which takes its meters out again and leaves the models alone. Safe for use by several threads.
 */
public final class RegistryMeters implements AutoCloseable {

    private final ModelRegistry<?, ?> models;
    private final MeterRegistry registry;
    private final Map<Key, Entry> entries = new HashMap<>(); // guarded by this
    private final ModelRegistry.Listener listener = new Changes();
    private boolean closed; // guarded by this

    private record Key(String model, String version) {}

    private record Entry(long revision, PredictorMeters meters) {}

    private RegistryMeters(ModelRegistry<?, ?> models, MeterRegistry registry) {
        this.models = models;
        this.registry = registry;
    }

    /** Makes meters for the models that are there, and for those that come. */
    public static RegistryMeters bind(ModelRegistry<?, ?> models, MeterRegistry registry) {
        RegistryMeters meters = new RegistryMeters(models, registry);
        models.addListener(
                meters.listener); // before the look at what is there: what comes between is seen twice, not missed
        models.models().forEach(meters::add);
        return meters;
    }

    private synchronized void add(ModelVersion version) {
        Key key = new Key(version.model(), version.version());
        Entry before = entries.get(key);
        if (closed || (before != null && before.revision() >= version.revision())) {
            return;
        }
        remove(version.model(), version.version());
        PredictorMeters meters;
        try {
            meters = new PredictorMeters(
                    new Latest(models, key), List.of(Tag.of("model", key.model()), Tag.of("version", key.version())));
        } catch (InferenceException e) {
            return; // it is gone already
        }
        meters.bindTo(registry);
        entries.put(key, new Entry(version.revision(), meters));
    }

    private synchronized void remove(String model, String version) {
        Entry entry = entries.remove(new Key(model, version));
        if (entry != null) {
            entry.meters().close();
        }
    }

    private synchronized void remove(ModelVersion version) {
        Entry entry = entries.get(new Key(version.model(), version.version()));
        if (entry != null && entry.revision() <= version.revision()) {
            remove(version.model(), version.version());
        }
    }

    @Override
    public void close() {
        models.removeListener(listener);
        synchronized (this) {
            closed = true;
            entries.values().forEach(entry -> entry.meters().close());
            entries.clear();
        }
    }

    private final class Changes implements ModelRegistry.Listener {
        @Override
        public void registered(ModelVersion version) {
            add(version);
        }

        @Override
        public void updated(ModelVersion before, ModelVersion after) {
            remove(before);
            add(after);
        }

        @Override
        public void unregistered(ModelVersion version) {
            remove(version);
        }
    }

    /** What a version has done; once it is gone, what it had done when it was last looked at. */
    private static final class Latest implements Supplier<PredictorMetrics> {
        private final ModelRegistry<?, ?> models;
        private final Key key;
        private volatile PredictorMetrics seen;

        Latest(ModelRegistry<?, ?> models, Key key) {
            this.models = models;
            this.key = key;
            this.seen = models.metrics(key.model(), key.version());
        }

        @Override
        public PredictorMetrics get() {
            try {
                seen = models.metrics(key.model(), key.version());
            } catch (InferenceException e) {
                // Unregistered, and the meters are about to go.
            }
            return seen;
        }
    }
}
