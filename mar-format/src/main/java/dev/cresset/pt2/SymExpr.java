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

    /** Returns the expression as a person reads it, such as {@code s77} or {@code Mul(2, s77)}. */
    default String text() {
        return exprStr().replaceAll("Symbol\\('([^']*)'[^)]*\\)", "$1").replaceAll("Integer\\((-?[0-9]+)\\)", "$1");
    }

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
