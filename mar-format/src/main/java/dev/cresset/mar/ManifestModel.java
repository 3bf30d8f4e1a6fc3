package dev.cresset.mar;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code model} part of a manifest: what is served, and which entries it is made of.
 *
 * <p>The four files are plain names of entries at the root of the archive; {@code open} has checked that they are there.
 * All other texts are free and must not be used as paths.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param modelName what the model is called
 * @param modelVersion free text, compared only for equality
 * @param handler the name of a built-in handler ({@code image_classifier}), or of the archive's own ({@code handler.py},
 *     {@code service:handle}); an archive that holds the file means its own even under a built-in name. Empty when the
 *     manifest names none: TorchServe then uses the handler of its own settings.
 * @param serializedFile the model: TorchScript, or the weights for {@code modelFile}. May be an empty file, and may be
 *     absent.
 * @param modelFile the Python source of an eager model; when present, {@code serializedFile} holds weights only
 * @param requirementsFile what pip would install
 * @param configFile the YAML settings
 * @param envelope how requests wrap their data; {@code torch-model-archiver} never writes it
 * @param description free text
 * @param extensions whatever its maker put there, as a plain Java value like those of {@code other}
 * @param other every other field, as in {@link Manifest#other()}
 */
public record ManifestModel(
        String modelName,
        String modelVersion,
        String handler,
        Optional<String> serializedFile,
        Optional<String> modelFile,
        Optional<String> requirementsFile,
        Optional<String> configFile,
        Optional<String> envelope,
        Optional<String> description,
        Optional<Object> extensions,
        Map<String, Object> other) {

    /** Copies {@code other}. */
    public ManifestModel {
        other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
    }
}
