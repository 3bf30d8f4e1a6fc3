package dev.cresset.mar.internal.manifest;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of one JSON object, taken out one by one; what is left is what nobody knew.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class ManifestFields {
    private final String prefix;
    private final Map<String, Object> left;
    private final Refusals refusals;

    ManifestFields(String prefix, Map<String, Object> fields, Refusals refusals) {
        this.prefix = prefix;
        this.left = new LinkedHashMap<>(fields);
        this.refusals = refusals;
    }

    /** Takes a text. A number or a boolean counts as the text it is written as: people write version 1.0 unquoted. */
    Optional<String> text(String name) throws ArchiveException {
        Optional<Object> value = any(name);
        if (value.isPresent() && (value.get() instanceof Map || value.get() instanceof Iterable)) {
            throw mismatch(name, value.get(), "a string");
        }
        return value.map(Object::toString);
    }

    /** Takes a text that, when empty, is as good as absent. */
    Optional<String> filledText(String name) throws ArchiveException {
        return text(name).filter(text -> !text.isEmpty());
    }

    Optional<ManifestFields> object(String name) throws ArchiveException {
        Optional<Object> value = any(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!(value.get() instanceof Map<?, ?> map)) {
            throw mismatch(name, value.get(), "an object");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        map.forEach((key, field) -> fields.put((String) key, field));
        return Optional.of(new ManifestFields(prefix + name + ".", fields, refusals));
    }

    Optional<Object> any(String name) {
        return Optional.ofNullable(left.remove(name));
    }

    Map<String, Object> left() {
        return left;
    }

    private ArchiveException mismatch(String name, Object value, String expected) {
        return refusals.manifest(
                Rule.MANIFEST_FIELD,
                "manifest field '" + prefix + name + "' is " + ManifestJson.kind(value) + ", expected " + expected
                        + "; mend " + ManifestReader.ENTRY + " and pack again");
    }
}
