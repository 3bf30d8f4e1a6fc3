package dev.cresset.pt2;

/**
 * A plain value of Python: an input that may have only one value, or a key of a dictionary.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface ConstantValue {
    /** Python's {@code None}. */
    record AsNone() implements ConstantValue {}

    /** An integer. */
    record AsInt(long value) implements ConstantValue {}

    /** A floating-point number. */
    record AsFloat(double value) implements ConstantValue {}

    /** A text. */
    record AsString(String value) implements ConstantValue {}

    /** True or false. */
    record AsBool(boolean value) implements ConstantValue {}
}
