package dev.cresset.conformance;

import java.util.Comparator;
import java.util.List;

/**
 * What came of a trial.
 *
 * @param verdict in a word
 * @param detail in a line, for those that need one
 */
record Outcome(Verdict verdict, String detail) {

    /** From the best to the worst. */
    enum Verdict {
        /** There is nothing in the module that this way would compute otherwise. */
        NOTHING_TO_DO,
        /** Equal to the bit; but any NaN is as good as any other. */
        EQUAL,
        /** Within the tolerance of its type. */
        CLOSE,
        /** PyTorch's answer has no place in Java, and a typed exception says so. */
        REFUSED,
        /** An exception where PyTorch answered. */
        THROWS,
        /** Another answer. */
        DIFFERS,
        /** The trial did not end. */
        TIMED_OUT,
        /** The JVM died. */
        CRASHED;

        boolean isRed() {
            return compareTo(REFUSED) > 0;
        }
    }

    static final Outcome EQUAL = new Outcome(Verdict.EQUAL, "");
    static final Outcome CLOSE = new Outcome(Verdict.CLOSE, "");
    static final Outcome NOTHING_TO_DO = new Outcome(Verdict.NOTHING_TO_DO, "");

    /** One line, whatever was in it. */
    Outcome {
        detail = detail.lines().findFirst().orElse("").replace('\t', ' ');
    }

    static Outcome differs(String how) {
        return new Outcome(Verdict.DIFFERS, how);
    }

    static Outcome worst(List<Outcome> outcomes) {
        return outcomes.stream().max(Comparator.comparing(Outcome::verdict)).orElse(EQUAL);
    }
}
