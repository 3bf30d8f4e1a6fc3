package dev.cresset.registry;

import dev.cresset.Plan;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A version of a model in a {@link ModelRegistry}, as it was when asked for.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param model the model's name
 * @param version the model's version
 * @param revision which archive: each that the registry opens has a higher number than those before it. So two archives that
 *     both call themselves version 1.0 are told apart
 * @param isDefault whether requests that name no version go to it, unless there is a split
 * @param share of the requests that name no version: from 0 to 1
 * @param archive where it was opened
 * @param since when it began to answer
 * @param plan how it computes
 */
public record ModelVersion(
        String model,
        String version,
        long revision,
        boolean isDefault,
        double share,
        Path archive,
        Instant since,
        Plan plan) {}
