package dev.cresset.pt2;

import java.util.Optional;

/**
 * An expression for a number that is not known before a call, in the text form of sympy.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface SymExpr permits SymInt.AsExpr, SymFloat.AsExpr, SymBool.AsExpr {
    /** Returns the expression, such as {@code Symbol('s77', positive=True, integer=True)}. */
    String exprStr();

    /** Returns what it was for the example that the program was exported with; empty when it depends on data. */
    Optional<Hint> hint();

    /** What an expression was for the example. */
    sealed interface Hint {
        /** An integer. */
        record AsInt(long value) implements Hint {}

        /** True or false. */
        record AsBool(boolean value) implements Hint {}

        /** A floating-point number. */
        record AsFloat(double value) implements Hint {}
    }
}
