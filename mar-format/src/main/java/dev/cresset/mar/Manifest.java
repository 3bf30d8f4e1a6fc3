package dev.cresset.mar;

import dev.cresset.mar.internal.manifest.ManifestValues;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code MAR-INF/MANIFEST.json} says about an archive.
 *
 * <p>An archive without the file has a manifest all the same, as in TorchServe: the model is named after the archive, its
 * version is {@code 1.0}, and nothing else is given.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class Manifest {
    private final ManifestValues values;
    private final ManifestModel model;

    Manifest(ManifestValues values) {
        this.values = values;
        this.model = new ManifestModel(values.model());
    }

    /** Returns what is served. */
    public ManifestModel model() {
        return model;
    }

    /** Returns what the handler is written in. */
    public ModelRuntime runtime() {
        return values.runtime();
    }

    /**
     * Returns when the archive was made, in whatever form its maker chose; {@code torch-model-archiver} writes {@code
     * dd/MM/yyyy HH:mm:ss} without a zone.
     */
    public Optional<String> createdOn() {
        return values.createdOn();
    }

    /** Returns the version of {@code torch-model-archiver}. */
    public Optional<String> archiverVersion() {
        return values.archiverVersion();
    }

    /** Returns free text. */
    public Optional<String> description() {
        return values.description();
    }

    /**
     * Returns every other field, in order, in plain Java values: {@code String}, {@code Number}, {@code Boolean},
     * unmodifiable {@code List} and {@code Map}. Fields that are JSON null are left out; a null in a JSON list stays
     * one.
     */
    public Map<String, Object> other() {
        return values.other();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Manifest that && values.equals(that.values);
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
