package dev.cresset.pt2;

import java.util.Optional;

/**
 * A floating-point number that is known, or an expression for it.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface SymFloat {
    /** What depends on the sizes of inputs, or on data. */
    record AsExpr(String exprStr, Optional<SymExpr.Hint> hint) implements SymFloat, SymExpr {}

    /** What is the same in all calls. */
    record AsFloat(double value) implements SymFloat {}
}
