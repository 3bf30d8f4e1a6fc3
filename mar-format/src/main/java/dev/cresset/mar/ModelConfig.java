package dev.cresset.mar;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The settings of an archive, {@code model-config.yaml}: what the manifest's {@code configFile} holds.
 *
 * <p>Read as TorchServe 0.12 reads them: YAML 1.1, keys in just this case, a value of the wrong type is left out with a
 * warning, a number that is too small is raised where TorchServe raises it. What the file leaves out is empty here, and
 * what TorchServe then does is said with each. Of an archive without settings all is empty.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param minWorkers the fewest workers, at least 1
 * @param maxWorkers the most workers
 * @param batchSize the most requests in a batch, at least 1; TorchServe takes 1
 * @param maxBatchDelay how long a batch waits for more requests; TorchServe takes 100 ms, for 0 as well
 * @param responseTimeout how long a request may run; TorchServe takes 120 s
 * @param startupTimeout how long loading may take; TorchServe takes 120 s
 * @param clientTimeout how long a request may wait before it is dropped, 0 for ever; TorchServe takes 0
 * @param maxRetryTimeout how long TorchServe tries to restart a worker; it takes 300 s
 * @param jobQueueSize how many requests may wait, 0 for the server's own number; TorchServe takes 0
 * @param deviceType where the model runs; TorchServe takes a GPU when there is one
 * @param deviceIds which GPUs the model may use; empty for all
 * @param parallel how the model is spread over GPUs
 * @param sequences how requests with a state are grouped
 * @param useJobTicket whether TorchServe takes a request only when a worker is idle
 * @param asyncCommunication whether TorchServe sends requests on without waiting
 * @param useVenv whether TorchServe makes a virtual environment of its own for the model
 * @param settings all of the file, those above and any other, in its order: {@code String}, {@code Number},
 *     {@code Boolean}, {@code java.time.Instant}, {@code byte[]}, null, unmodifiable {@code List} and {@code Map}. Handlers
 *     find their own section here.
 * @param warnings what was left out or raised, a sentence each
 */
public record ModelConfig(
        OptionalInt minWorkers,
        OptionalInt maxWorkers,
        OptionalInt batchSize,
        Optional<Duration> maxBatchDelay,
        Optional<Duration> responseTimeout,
        Optional<Duration> startupTimeout,
        Optional<Duration> clientTimeout,
        Optional<Duration> maxRetryTimeout,
        OptionalInt jobQueueSize,
        Optional<DeviceType> deviceType,
        List<Integer> deviceIds,
        Parallel parallel,
        Sequences sequences,
        boolean useJobTicket,
        boolean asyncCommunication,
        boolean useVenv,
        Map<String, Object> settings,
        List<String> warnings) {

    /** Copies the collections. */
    public ModelConfig {
        deviceIds = List.copyOf(deviceIds);
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        warnings = List.copyOf(warnings);
    }

    /**
     * Returns one of the settings that is itself a mapping, such as {@code handler}; empty when it is not there or is
     * something else.
     */
    public Map<String, Object> section(String name) {
        Map<String, Object> section = new LinkedHashMap<>();
        if (settings.get(name) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> section.put((String) key, value));
        }
        return Collections.unmodifiableMap(section);
    }

    /** Where a model runs. */
    public enum DeviceType {
        CPU,
        GPU
    }

    /**
     * How a model is spread over GPUs.
     *
     * @param type the kind; without one the rest has no meaning
     * @param level over how many; {@code nproc-per-node} of {@code torchrun} sets it, too
     * @param torchrun what TorchServe hands to torchrun
     */
    public record Parallel(Optional<ParallelType> type, OptionalInt level, Optional<Torchrun> torchrun) {}

    /** The kinds of parallelism: of the pipeline, of tensors, of both, and the handler's own. */
    public enum ParallelType {
        PP,
        TP,
        PPTP,
        CUSTOM
    }

    /**
     * What TorchServe hands to torchrun: PyTorch's launcher of several processes. The names are torchrun's options.
     *
     * @param nnodes number of machines; 1 if not given
     * @param nprocPerNode number of processes on each; 1 if not given
     * @param rdzvBackend how they find each other; {@code c10d} if not given
     * @param monitorInterval seconds between two looks at the processes; 5 if not given
     * @param nodeRank which of the machines this is; 0 if not given
     * @param ompNumberThreads OpenMP threads of each process; 1 if not given
     */
    public record Torchrun(
            int nnodes,
            int nprocPerNode,
            String rdzvBackend,
            Optional<String> rdzvEndpoint,
            Optional<String> rdzvConf,
            int monitorInterval,
            int nodeRank,
            int ompNumberThreads) {}

    /**
     * How requests that belong together are grouped.
     *
     * @param sequenceBatching whether requests are grouped by their sequence's id
     * @param continuousBatching whether a batch is filled up while it runs
     * @param maxIdle when a group without requests ends; the others count only when it is above 0
     * @param timeout when a group ends at the latest; 0 for never
     * @param maxJobQueueSize how many requests of one group may wait
     * @param maxNum how many groups there may be at once
     */
    public record Sequences(
            boolean sequenceBatching,
            boolean continuousBatching,
            Duration maxIdle,
            Duration timeout,
            int maxJobQueueSize,
            int maxNum) {}
}
