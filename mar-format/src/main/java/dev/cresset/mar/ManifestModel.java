package dev.cresset.mar;

import dev.cresset.mar.internal.manifest.ModelValues;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The {@code model} part of a manifest: what is served, and which entries it is made of.
 *
 * <p>The four files are plain names of entries at the root of the archive; {@code open} has checked that they are there.
 * All other texts are free and must not be used as paths.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class ManifestModel {
    private final ModelValues values;

    ManifestModel(ModelValues values) {
        this.values = values;
    }

    /** Returns what the model is called. */
    public String modelName() {
        return values.modelName();
    }

    /** Returns free text, compared only for equality. */
    public String modelVersion() {
        return values.modelVersion();
    }

    /**
     * Returns the name of a built-in handler ({@code image_classifier}), or of the archive's own ({@code handler.py},
     * {@code service:handle}); an archive that holds the file means its own even under a built-in name. Empty when
     * the manifest names none: TorchServe then uses the handler of its own settings.
     */
    public Optional<String> handler() {
        return Optional.of(values.handler()).filter(name -> !name.isEmpty());
    }

    /**
     * Returns the model: TorchScript, or the weights for {@code modelFile}. May be an empty file, and may be absent.
     */
    public Optional<String> serializedFile() {
        return values.serializedFile();
    }

    /** Returns the Python source of an eager model; when present, {@code serializedFile} holds weights only. */
    public Optional<String> modelFile() {
        return values.modelFile();
    }

    /** Returns what pip would install. */
    public Optional<String> requirementsFile() {
        return values.requirementsFile();
    }

    /** Returns the YAML settings. */
    public Optional<String> configFile() {
        return values.configFile();
    }

    /** Returns how requests wrap their data; {@code torch-model-archiver} never writes it. */
    public Optional<String> envelope() {
        return values.envelope();
    }

    /** Returns free text. */
    public Optional<String> description() {
        return values.description();
    }

    /** Returns whatever its maker put there, as a plain Java value like those of {@code other}. */
    public Optional<Object> extensions() {
        return values.extensions();
    }

    /** Returns every other field, as in {@link Manifest#other()}. */
    public Map<String, Object> other() {
        return values.other();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ManifestModel that && values.equals(that.values);
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
