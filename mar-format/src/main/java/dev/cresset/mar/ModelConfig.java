package dev.cresset.mar;

import dev.cresset.mar.internal.config.ConfigValues;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an archive, {@code model-config.yaml}: what the manifest's {@code configFile} holds.
 *
 * <p>Read as TorchServe 0.12 reads them: YAML 1.1, keys in just this case, a value of the wrong type is left out with a
 * warning, a number that is too small is raised where TorchServe raises it. What the file leaves out is empty here, and
 * what TorchServe then does is said with each. Of an archive without settings all is empty.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class ModelConfig {
    private final ConfigValues values;

    ModelConfig(ConfigValues values) {
        this.values = values;
    }

    /** Returns the fewest workers, at least 1. */
    public OptionalInt minWorkers() {
        return values.minWorkers();
    }

    /** Returns the most workers. */
    public OptionalInt maxWorkers() {
        return values.maxWorkers();
    }

    /** Returns the most requests in a batch, at least 1; TorchServe takes 1. */
    public OptionalInt batchSize() {
        return values.batchSize();
    }

    /** Returns how long a batch waits for more requests; TorchServe takes 100 ms, for 0 as well. */
    public Optional<Duration> maxBatchDelay() {
        return values.maxBatchDelay();
    }

    /** Returns how long a request may run; TorchServe takes 120 s. */
    public Optional<Duration> responseTimeout() {
        return values.responseTimeout();
    }

    /** Returns how long loading may take; TorchServe takes 120 s. */
    public Optional<Duration> startupTimeout() {
        return values.startupTimeout();
    }

    /** Returns how long a request may wait before it is dropped, 0 for ever; TorchServe takes 0. */
    public Optional<Duration> clientTimeout() {
        return values.clientTimeout();
    }

    /** Returns how long TorchServe tries to restart a worker; it takes 300 s. */
    public Optional<Duration> maxRetryTimeout() {
        return values.maxRetryTimeout();
    }

    /** Returns how many requests may wait, 0 for the server's own number; TorchServe takes 0. */
    public OptionalInt jobQueueSize() {
        return values.jobQueueSize();
    }

    /** Returns where the model runs; TorchServe takes a GPU when there is one. */
    public Optional<DeviceType> deviceType() {
        return values.deviceType();
    }

    /** Returns which GPUs the model may use; empty for all. */
    public List<Integer> deviceIds() {
        return values.deviceIds();
    }

    /** Returns how the model is spread over GPUs. */
    public Parallel parallel() {
        return new Parallel(values.parallel());
    }

    /** Returns how requests with a state are grouped. */
    public Sequences sequences() {
        return new Sequences(values.sequences());
    }

    /** Returns whether TorchServe takes a request only when a worker is idle. */
    public boolean useJobTicket() {
        return values.useJobTicket();
    }

    /** Returns whether TorchServe sends requests on without waiting. */
    public boolean asyncCommunication() {
        return values.asyncCommunication();
    }

    /** Returns whether TorchServe makes a virtual environment of its own for the model. */
    public boolean useVenv() {
        return values.useVenv();
    }

    /**
     * Returns all of the file, those above and any other, in its order: {@code String}, {@code Number}, {@code
     * Boolean}, {@code java.time.Instant}, {@code byte[]}, null, unmodifiable {@code List} and {@code Map}. Handlers
     * find their own section here.
     */
    public Map<String, Object> settings() {
        return values.settings();
    }

    /** Returns what was left out or raised, a sentence each. */
    public List<String> warnings() {
        return values.warnings();
    }

    /**
     * Returns one of the settings that is itself a mapping, such as {@code handler}; empty when it is not there or is
     * something else.
     */
    public Map<String, Object> section(String name) {
        Map<String, Object> section = new LinkedHashMap<>();
        if (settings().get(name) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> section.put((String) key, value));
        }
        return Collections.unmodifiableMap(section);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ModelConfig that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }

    /** Where a model runs. */
    public enum DeviceType {
        CPU,
        GPU
    }

    /**
     * How a model is spread over GPUs.
     */
    public static final class Parallel {
        private final ConfigValues.Parallel values;

        private Parallel(ConfigValues.Parallel values) {
            this.values = values;
        }

        /** Returns the kind; without one the rest has no meaning. */
        public Optional<ParallelType> type() {
            return values.type();
        }

        /** Returns over how many; {@code nproc-per-node} of {@code torchrun} sets it, too. */
        public OptionalInt level() {
            return values.level();
        }

        /** Returns what TorchServe hands to torchrun. */
        public Optional<Torchrun> torchrun() {
            return values.torchrun().map(Torchrun::new);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Parallel that && values.equals(that.values);
        }

        @Override
        public int hashCode() {
            return values.hashCode();
        }

        @Override
        public String toString() {
            return values.toString();
        }
    }

    /** The kinds of parallelism: of the pipeline, of tensors, of both, and the handler's own. */
    public enum ParallelType {
        PP,
        TP,
        PPTP,
        CUSTOM
    }

    /**
     * What TorchServe hands to torchrun: PyTorch's launcher of several processes. The names are torchrun's options.
     */
    public static final class Torchrun {
        private final ConfigValues.Torchrun values;

        private Torchrun(ConfigValues.Torchrun values) {
            this.values = values;
        }

        /** Returns number of machines; 1 if not given. */
        public int nnodes() {
            return values.nnodes();
        }

        /** Returns number of processes on each; 1 if not given. */
        public int nprocPerNode() {
            return values.nprocPerNode();
        }

        /** Returns how they find each other; {@code c10d} if not given. */
        public String rdzvBackend() {
            return values.rdzvBackend();
        }

        /** Returns where they find each other, if it is given. */
        public Optional<String> rdzvEndpoint() {
            return values.rdzvEndpoint();
        }

        /** Returns what else is said of how they find each other. */
        public Optional<String> rdzvConf() {
            return values.rdzvConf();
        }

        /** Returns seconds between two looks at the processes; 5 if not given. */
        public int monitorInterval() {
            return values.monitorInterval();
        }

        /** Returns which of the machines this is; 0 if not given. */
        public int nodeRank() {
            return values.nodeRank();
        }

        /** Returns OpenMP threads of each process; 1 if not given. */
        public int ompNumberThreads() {
            return values.ompNumberThreads();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Torchrun that && values.equals(that.values);
        }

        @Override
        public int hashCode() {
            return values.hashCode();
        }

        @Override
        public String toString() {
            return values.toString();
        }
    }

    /**
     * How requests that belong together are grouped.
     */
    public static final class Sequences {
        private final ConfigValues.Sequences values;

        private Sequences(ConfigValues.Sequences values) {
            this.values = values;
        }

        /** Returns whether requests are grouped by their sequence's id. */
        public boolean sequenceBatching() {
            return values.sequenceBatching();
        }

        /** Returns whether a batch is filled up while it runs. */
        public boolean continuousBatching() {
            return values.continuousBatching();
        }

        /** Returns when a group without requests ends; the others count only when it is above 0. */
        public Duration maxIdle() {
            return values.maxIdle();
        }

        /** Returns when a group ends at the latest; 0 for never. */
        public Duration timeout() {
            return values.timeout();
        }

        /** Returns how many requests of one group may wait. */
        public int maxJobQueueSize() {
            return values.maxJobQueueSize();
        }

        /** Returns how many groups there may be at once. */
        public int maxNum() {
            return values.maxNum();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Sequences that && values.equals(that.values);
        }

        @Override
        public int hashCode() {
            return values.hashCode();
        }

        @Override
        public String toString() {
            return values.toString();
        }
    }
}
