package dev.cresset.mar.internal.config;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.ModelConfig.DeviceType;
import dev.cresset.mar.ModelConfig.ParallelType;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Turns an archive's YAML settings into {@link ConfigValues}, with the meaning and the bounds of TorchServe 0.12. */
public final class ConfigReader {
    private final Contents contents;
    private final ArchiveLimits limits;
    private final Refusals refusals;

    public ConfigReader(Contents contents, ArchiveLimits limits, Refusals refusals) {
        this.contents = contents;
        this.limits = limits;
        this.refusals = refusals;
    }

    public ConfigValues read(Optional<String> configFile) throws IOException {
        if (configFile.isEmpty()) {
            return config(Map.of());
        }
        String name = configFile.get();
        long size = contents.size(name);
        if (size > limits.maxConfigBytes()) {
            throw refusals.entry(
                    Rule.LIMIT,
                    name,
                    "has " + Refusals.number(size) + " bytes, more than " + Refusals.number(limits.maxConfigBytes())
                            + "; raise ArchiveLimits.maxConfigBytes if you trust this file");
        }
        return config(new ConfigYaml(name, refusals).parse(contents.read(name)));
    }

    public static ConfigValues config(Map<String, Object> settings) {
        List<String> warnings = new ArrayList<>();
        ConfigFields fields = new ConfigFields("", settings, warnings);
        fields.warnOfOtherCase();
        return new ConfigValues(
                fields.atLeast(1, "minWorkers"),
                fields.notBelow(0, "maxWorkers"),
                fields.atLeast(1, "batchSize"),
                millis(fields.notBelow(0, "maxBatchDelay")),
                seconds(fields.notBelow(1, "responseTimeout")),
                seconds(fields.notBelow(1, "startupTimeout")),
                millis(fields.atLeast(0, "clientTimeoutInMills")),
                seconds(fields.atLeast(0, "maxRetryTimeoutInSec")),
                fields.atLeast(0, "jobQueueSize"),
                fields.word("deviceType", DeviceType.class),
                fields.integers("deviceIds"),
                parallel(fields),
                sequences(fields),
                fields.flag("useJobTicket"),
                fields.flag("asyncCommunication"),
                fields.flag("useVenv"),
                settings,
                // The last of all: each of the others may have added to it.
                warnings);
    }

    private static ConfigValues.Parallel parallel(ConfigFields fields) {
        Optional<ParallelType> type = fields.word("parallelType", ParallelType.class);
        OptionalInt level = fields.notBelow(0, "parallelLevel");
        Optional<ConfigValues.Torchrun> torchrun = fields.section("torchrun").map(ConfigReader::torchrun);
        // Both set the level: the one that is written later counts.
        if (torchrun.isPresent() && (level.isEmpty() || fields.isAfter("torchrun", "parallelLevel"))) {
            level = OptionalInt.of(torchrun.get().nprocPerNode());
        }
        return new ConfigValues.Parallel(type, level, torchrun);
    }

    private static ConfigValues.Torchrun torchrun(ConfigFields fields) {
        return new ConfigValues.Torchrun(
                fields.notBelow(1, "nnodes").orElse(1),
                fields.notBelow(1, "nproc-per-node").orElse(1),
                fields.text("rdzv-backend").orElse("c10d"),
                fields.text("rdzv-endpoint"),
                fields.text("rdzv-conf"),
                fields.notBelow(1, "monitor-interval").orElse(5),
                fields.notBelow(0, "node-rank").orElse(0),
                fields.notBelow(1, "OMP_NUMBER_THREADS").orElse(1));
    }

    private static ConfigValues.Sequences sequences(ConfigFields fields) {
        return new ConfigValues.Sequences(
                fields.flag("sequenceBatching"),
                fields.flag("continuousBatching"),
                Duration.ofMillis(fields.atLeast(0, "sequenceMaxIdleMSec").orElse(0)),
                Duration.ofMillis(fields.atLeast(0, "sequenceTimeoutMSec").orElse(0)),
                fields.atLeast(1, "maxSequenceJobQueueSize").orElse(1),
                fields.atLeast(1, "maxNumSequence").orElse(1));
    }

    private static Optional<Duration> millis(OptionalInt value) {
        return value.isPresent() ? Optional.of(Duration.ofMillis(value.getAsInt())) : Optional.empty();
    }

    private static Optional<Duration> seconds(OptionalInt value) {
        return value.isPresent() ? Optional.of(Duration.ofSeconds(value.getAsInt())) : Optional.empty();
    }
}
