package dev.cresset.mar;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code MAR-INF/MANIFEST.json} says about an archive.
 *
 * <p>An archive without the file has a manifest all the same, as in TorchServe: the model is named after the archive, its
 * version is {@code 1.0}, and nothing else is given.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param model what is served
 * @param runtime what the handler is written in
 * @param createdOn when the archive was made, in whatever form its maker chose; {@code torch-model-archiver} writes
 *     {@code dd/MM/yyyy HH:mm:ss} without a zone
 * @param archiverVersion the version of {@code torch-model-archiver}
 * @param description free text
 * @param other every other field, in order, in plain Java values: {@code String}, {@code Number}, {@code Boolean},
 *     unmodifiable {@code List} and {@code Map}. Fields that are JSON null are left out; a null in a JSON list stays one.
 */
public record Manifest(
        ManifestModel model,
        ModelRuntime runtime,
        Optional<String> createdOn,
        Optional<String> archiverVersion,
        Optional<String> description,
        Map<String, Object> other) {

    /** Copies {@code other}. */
    public Manifest {
        other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
    }
}
