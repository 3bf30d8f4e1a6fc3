package dev.cresset.pt2;

import java.util.Optional;

/**
 * A truth value that is known, or an expression for it.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface SymBool {
    /** What depends on the sizes of inputs, or on data. */
    record AsExpr(String exprStr, Optional<SymExpr.Hint> hint) implements SymBool, SymExpr {}

    /** What is the same in all calls. */
    record AsBool(boolean value) implements SymBool {}
}
