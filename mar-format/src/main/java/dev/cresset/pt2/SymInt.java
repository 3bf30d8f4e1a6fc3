package dev.cresset.pt2;

import java.util.Optional;

/**
 * An integer that is known, or an expression for it.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public sealed interface SymInt {
    /** What depends on the sizes of inputs, or on data. */
    record AsExpr(String exprStr, Optional<SymExpr.Hint> hint) implements SymInt, SymExpr {}

    /** What is the same in all calls. */
    record AsInt(long value) implements SymInt {}
}
