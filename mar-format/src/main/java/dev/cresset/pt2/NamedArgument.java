package dev.cresset.pt2;

import java.util.Optional;

/**
 * An argument of an operator under the name that the operator's schema has for it.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param kind how it was given; empty when the writer did not say
 */
public record NamedArgument(String name, Argument arg, Optional<Kind> kind) {
    /** How an argument is given. */
    public enum Kind {
        /** Not told. */
        UNKNOWN(0),
        /** By its place. */
        POSITIONAL(1),
        /** By its name. */
        KEYWORD(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        /** Returns the number that export has for it. */
        public int number() {
            return number;
        }
    }
}
