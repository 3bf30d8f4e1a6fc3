package dev.cresset.pt2;

/**
 * A floating-point number in a graph: one that is computed, by its name, or a constant.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface SymFloatArgument {
    /** A value of the graph by its name. */
    record AsName(String value) implements SymFloatArgument {}

    /** A constant. */
    record AsFloat(double value) implements SymFloatArgument {}
}
