package dev.cresset.conformance;

import java.util.Comparator;
import java.util.List;

/**
 * What came of a trial.
 *
 * @param verdict in a word
 * @param deviation how far an answer is off, as a fraction of the largest number beside it; infinite if that says nothing
 * @param detail in a line, for those that need one
 */
record Outcome(Verdict verdict, double deviation, String detail) {

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

    static final Outcome EQUAL = new Outcome(Verdict.EQUAL, 0, "");
    static final Outcome CLOSE = new Outcome(Verdict.CLOSE, 0, "");
    static final Outcome NOTHING_TO_DO = new Outcome(Verdict.NOTHING_TO_DO, 0, "");

    /** One line, whatever was in it. */
    Outcome {
        detail = detail.lines().findFirst().orElse("").replace('\t', ' ');
    }

    static Outcome of(Verdict verdict, String detail) {
        return new Outcome(verdict, Double.POSITIVE_INFINITY, detail);
    }

    static Outcome differs(String how) {
        return of(Verdict.DIFFERS, how);
    }

    static Outcome worst(List<Outcome> outcomes) {
        return outcomes.stream()
                .max(Comparator.comparing(Outcome::verdict).thenComparing(Outcome::deviation))
                .orElse(EQUAL);
    }

    /** The same, with what it came of. */
    Outcome in(String call) {
        return verdict.isRed() ? new Outcome(verdict, deviation, call + ": " + detail) : this;
    }

    /** As one process says it to another. */
    String toLine() {
        return verdict + "\t" + deviation + "\t" + detail;
    }

    static Outcome parse(String line) {
        String[] fields = line.split("\t", -1);
        return new Outcome(Verdict.valueOf(fields[0]), Double.parseDouble(fields[1]), fields[2]);
    }
}
