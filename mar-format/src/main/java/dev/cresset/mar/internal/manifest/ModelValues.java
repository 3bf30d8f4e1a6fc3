package dev.cresset.mar.internal.manifest;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What {@link dev.cresset.mar.ManifestModel} says. */
public record ModelValues(
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
    public ModelValues {
        other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
    }
}
