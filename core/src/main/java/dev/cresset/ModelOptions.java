package dev.cresset;

import dev.cresset.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a model is to be opened: immutable, made by {@link #builder}, safe for use by several threads.
 *
 * <p>What is not set in code may be set for the whole JVM by a system property: {@code cresset.engine} and {@code
 * cresset.intraOpThreads}.
 */
public final class ModelOptions {

    private static final ModelOptions DEFAULTS = builder().build();

    private final @Nullable String engine;
    private final @Nullable Integer intraOpThreads;
    private final List<TensorSpec> inputs;

    private ModelOptions(Builder builder) {
        engine = builder.engine;
        intraOpThreads = builder.intraOpThreads;
        inputs = builder.inputs;
    }

    /** What is used where nothing is said. */
    public static ModelOptions defaults() {
        return DEFAULTS;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** The engine to use, or empty for the best one that is there. */
    public Optional<String> engine() {
        return engine != null ? Optional.of(engine) : Optional.ofNullable(System.getProperty("cresset.engine"));
    }

    /**
     * How many threads one operator of one call may use. 1 unless set: calls of several threads then scale best, and one
     * call never waits for another's threads.
     */
    public int intraOpThreads() {
        return intraOpThreads != null
                ? intraOpThreads
                : checkedThreads(Integer.getInteger("cresset.intraOpThreads", 1));
    }

    /** What the tensors that {@code forward} takes must be like, in order; empty where the model decides for itself. */
    public List<TensorSpec> inputs() {
        return inputs;
    }

    private static int checkedThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("intraOpThreads is " + threads + ", it must be at least 1");
        }
        return threads;
    }

    /** Collects options. Not safe for use by several threads. */
    public static final class Builder {
        private @Nullable String engine;
        private @Nullable Integer intraOpThreads;
        private List<TensorSpec> inputs = List.of();

        private Builder() {}

        /** Sets {@link ModelOptions#engine}: {@code torch} is LibTorch through Cresset's bridge, {@code torch-portable} LibTorch through the presets' own API. */
        public Builder engine(String name) {
            engine = name;
            return this;
        }

        /** Sets {@link ModelOptions#intraOpThreads}. */
        public Builder intraOpThreads(int threads) {
            intraOpThreads = checkedThreads(threads);
            return this;
        }

        /**
         * Sets {@link ModelOptions#inputs}. TorchScript declares neither the type nor the sizes of the tensors that a
         * module takes; declared here, they are checked before a call, with a sentence that names the input.
         */
        public Builder inputs(TensorSpec... specs) {
            inputs = List.of(specs);
            return this;
        }

        /** The options so far. */
        public ModelOptions build() {
            return new ModelOptions(this);
        }
    }
}
