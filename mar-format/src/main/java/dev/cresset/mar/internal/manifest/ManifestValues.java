package dev.cresset.mar.internal.manifest;

import dev.cresset.mar.ModelRuntime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What {@link dev.cresset.mar.Manifest} says. */
public record ManifestValues(
        ModelValues model,
        ModelRuntime runtime,
        Optional<String> createdOn,
        Optional<String> archiverVersion,
        Optional<String> description,
        Map<String, Object> other) {

    /** Copies {@code other}. */
    public ManifestValues {
        other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
    }
}
