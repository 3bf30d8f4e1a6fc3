package dev.cresset.pt2;

/**
 * An integer in a graph: one that is computed, by its name, or a constant.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface SymIntArgument {
    /** A value of the graph by its name. */
    record AsName(String value) implements SymIntArgument {}

    /** A constant. */
    record AsInt(long value) implements SymIntArgument {}
}
