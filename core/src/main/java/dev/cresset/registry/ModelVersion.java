package dev.cresset.registry;

import dev.cresset.Plan;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A version of a model in a {@link ModelRegistry}, as it was when asked for.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class ModelVersion {

    private final String model;
    private final String version;
    private final long revision;
    private final boolean isDefault;
    private final double share;
    private final Path archive;
    private final Instant since;
    private final Plan plan;

    ModelVersion(
            String model,
            String version,
            long revision,
            boolean isDefault,
            double share,
            Path archive,
            Instant since,
            Plan plan) {
        this.model = model;
        this.version = version;
        this.revision = revision;
        this.isDefault = isDefault;
        this.share = share;
        this.archive = archive;
        this.since = since;
        this.plan = plan;
    }

    /** The model's name. */
    public String model() {
        return model;
    }

    /** The model's version. */
    public String version() {
        return version;
    }

    /**
     * Which archive: each that the registry opens has a higher number than those before it. So two archives that both call
     * themselves version 1.0 are told apart.
     */
    public long revision() {
        return revision;
    }

    /** Whether requests that name no version go to it, unless there is a split. */
    public boolean isDefault() {
        return isDefault;
    }

    /** Its part of the requests that name no version: from 0 to 1. */
    public double share() {
        return share;
    }

    /** Where it was opened. */
    public Path archive() {
        return archive;
    }

    /** When it began to answer. */
    public Instant since() {
        return since;
    }

    /** How it computes. */
    public Plan plan() {
        return plan;
    }

    private List<Object> values() {
        return List.of(model, version, revision, isDefault, share, archive, since, plan);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModelVersion that && values().equals(that.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return model + " " + version + " (revision " + revision + (isDefault ? ", default" : "") + ") from " + archive
                + ": " + plan;
    }
}
