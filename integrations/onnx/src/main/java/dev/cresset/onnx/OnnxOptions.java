package dev.cresset.onnx;

import dev.cresset.engine.EngineOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What ONNX Runtime is told of one model beside what core knows; {@code ModelOptions.Builder.engineOptions} takes it. What is not set here may
 * be set for all models of the JVM by system properties, whose names begin with {@code cresset.onnx.}.
 *
 * <p>Instances are immutable, safe for use by several threads.
 */
public final class OnnxOptions implements EngineOptions {

    /** How much a graph is rewritten before the first call. None of it is to change answers by more than rounding. */
    public enum GraphOptimization {
        /** Nothing: the graph as it was saved. */
        NONE,
        /** What holds everywhere: constants are folded, what has no effect is left out. */
        BASIC,
        /** Operators joined for the provider that computes them, too. */
        EXTENDED,
        /** Layouts in memory, too. */
        ALL
    }

    private final Map<String, String> properties;

    private OnnxOptions(Builder builder) {
        Map<String, String> all = new LinkedHashMap<>(builder.properties);
        if (!builder.providers.isEmpty()) {
            all.put(OnnxSettings.PROVIDERS, String.join(",", builder.providers));
        }
        this.properties = Collections.unmodifiableMap(all);
    }

    /** Nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String engine() {
        return OnnxEngine.NAME;
    }

    @Override
    public Map<String, String> properties() {
        return properties;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OnnxOptions options && options.properties.equals(properties);
    }

    @Override
    public int hashCode() {
        return properties.hashCode();
    }

    @Override
    public String toString() {
        return "onnx " + properties;
    }

    /** Makes options. Used by one thread. */
    public static final class Builder {
        private final Map<String, String> properties = new LinkedHashMap<>();
        private final List<String> providers = new ArrayList<>();

        private Builder() {}

        /** How much the graph is rewritten ({@code cresset.onnx.graphOptimization}); {@code ALL} by default. */
        public Builder graphOptimization(GraphOptimization level) {
            return set(OnnxSettings.GRAPH_OPTIMIZATION, level.name().toLowerCase(Locale.ROOT));
        }

        /**
         * Adds an execution provider, by its name and where it has one its device: {@code cuda}, {@code cuda:1}, {@code coreml} ({@code
         * cresset.onnx.providers}, with commas between). Those added first are asked first; what none takes the CPU computes.
         */
        public Builder provider(String name) {
            if (name.isBlank() || name.contains(",")) {
                throw new IllegalArgumentException("'" + name + "' is no name of an execution provider");
            }
            providers.add(name);
            return this;
        }

        /**
         * Has ONNX Runtime write down what it spends its time with, as JSON that Chrome shows ({@code cresset.onnx.profile}). The file is complete when the
         * model is closed.
         *
         * @param prefix what the file's path begins with; ONNX Runtime adds the time
         */
        public Builder profile(String prefix) {
            return set(OnnxSettings.PROFILE, prefix);
        }

        /** Any entry of ONNX Runtime's session configuration ({@code cresset.onnx.session.KEY}), such as {@code session.disable_prepacking}. */
        public Builder sessionEntry(String key, String value) {
            return set(OnnxSettings.ENTRY + key, value);
        }

        private Builder set(String property, String value) {
            properties.put(property, Objects.requireNonNull(value, property));
            return this;
        }

        /** The options. */
        public OnnxOptions build() {
            return new OnnxOptions(this);
        }
    }
}
