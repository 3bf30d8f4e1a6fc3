package dev.cresset.pt2;

/**
 * A truth value in a graph: one that is computed, by its name, or a constant.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface SymBoolArgument {
    /** A value of the graph by its name. */
    record AsName(String value) implements SymBoolArgument {}

    /** A constant. */
    record AsBool(boolean value) implements SymBoolArgument {}
}
