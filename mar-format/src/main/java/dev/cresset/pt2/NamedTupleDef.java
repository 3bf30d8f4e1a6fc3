package dev.cresset.pt2;

import java.util.List;

/**
 * The fields of a named tuple's type.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public record NamedTupleDef(List<String> fieldNames) {
    /** Copies what is given. */
    public NamedTupleDef {
        fieldNames = List.copyOf(fieldNames);
    }
}
