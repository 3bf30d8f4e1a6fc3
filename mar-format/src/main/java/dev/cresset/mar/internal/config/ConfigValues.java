package dev.cresset.mar.internal.config;

import dev.cresset.mar.ModelConfig;
import dev.cresset.mar.ModelConfig.DeviceType;
import dev.cresset.mar.ModelConfig.ParallelType;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What {@link ModelConfig} says. */
public record ConfigValues(
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
    public ConfigValues {
        deviceIds = List.copyOf(deviceIds);
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        warnings = List.copyOf(warnings);
    }

    /** What {@link ModelConfig.Parallel} says. */
    public record Parallel(Optional<ParallelType> type, OptionalInt level, Optional<Torchrun> torchrun) {}

    /** What {@link ModelConfig.Torchrun} says. */
    public record Torchrun(
            int nnodes,
            int nprocPerNode,
            String rdzvBackend,
            Optional<String> rdzvEndpoint,
            Optional<String> rdzvConf,
            int monitorInterval,
            int nodeRank,
            int ompNumberThreads) {}

    /** What {@link ModelConfig.Sequences} says. */
    public record Sequences(
            boolean sequenceBatching,
            boolean continuousBatching,
            Duration maxIdle,
            Duration timeout,
            int maxJobQueueSize,
            int maxNum) {}
}
