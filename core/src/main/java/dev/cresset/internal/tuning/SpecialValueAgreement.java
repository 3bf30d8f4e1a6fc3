package dev.cresset.internal.tuning;

import dev.cresset.internal.Failures;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Optional;

/**
 * Whether a way answers as the module does when an input holds an {@link SpecialValue}. Where the module's answer is to the bit what it
 * is without that number, the number does not reach, and the way's answer must be what it is without it. Where it reaches:
 * NaN where NaN is, the same infinities, and all else up to rounding, which beside an outlier is as large as the
 * outlier. What an outlier makes overflow is not compared: it depends on the order of a sum.
 *
 * <p>Used by one thread.
 */
public final class SpecialValueAgreement {

    /** Where the number does not reach, only a guard against it may make a difference: a fraction of what ways may differ by. */
    private static final double UNREACHED = 0.1;

    private final SpecialValue special;
    private final Agreement agreement;

    SpecialValueAgreement(SpecialValue special, Agreement agreement) {
        this.special = special;
        this.agreement = agreement;
    }

    /** The answers without the special value, the module's and the way's, which are known to agree; and the two with it. */
    record Answers(Value plain, Value plainFound, Value expected, Value found) {}

    Optional<String> difference(Answers answers) {
        FlattenedValue plain = FlattenedValue.of(answers.plain);
        FlattenedValue expected = FlattenedValue.of(answers.expected);
        FlattenedValue found = FlattenedValue.of(answers.found);
        if (special.isOutlier() && !plain.form().equals(expected.form())) {
            return Optional.empty(); // how many there are depends on numbers that may be rounded
        }
        if (!expected.form().equals(found.form())) {
            return Optional.of(
                    "answers " + Failures.shortened(answers.found) + " for " + Failures.shortened(answers.expected));
        }
        // In another form, nothing is known of where the number reaches: rounding by what is there is all that is
        // allowed.
        boolean sameForm = plain.form().equals(expected.form());
        List<Value> without = (sameForm ? plain : expected).values();
        List<Value> mine = (sameForm ? FlattenedValue.of(answers.plainFound) : expected).values();
        for (int i = 0; i < without.size(); i++) {
            Value right = expected.values().get(i);
            Value other = found.values().get(i);
            Optional<String> difference = FloatingPoint.areIn(right)
                    ? fractions(without.get(i), mine.get(i), right, other)
                    : others(without.get(i), right, other);
            if (difference.isPresent()) {
                return difference;
            }
        }
        return Optional.empty();
    }

    private Optional<String> others(Value plain, Value right, Value other) {
        boolean rounded = special.isOutlier() && Agreement.exact(plain, right).isPresent();
        return rounded ? Optional.empty() : Agreement.exact(right, other);
    }

    private Optional<String> fractions(Value plain, Value mine, Value right, Value other) {
        double[] without = FloatingPoint.toDoubles(plain);
        double[] mineWithout = FloatingPoint.toDoubles(mine);
        double[] expected = FloatingPoint.toDoubles(right);
        double[] found = FloatingPoint.toDoubles(other);
        double tolerance = agreement.tolerance(right);
        double unreached = UNREACHED * tolerance * FloatingPoint.largest(without);
        double reached =
                tolerance * Math.max(FloatingPoint.largest(expected), special.isOutlier() ? special.magnitude() : 0);
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(found[i] - expected[i]);
            boolean agrees;
            if (FloatingPoint.same(expected[i], found[i])) {
                agrees = true;
            } else if (FloatingPoint.same(expected[i], without[i])) {
                agrees = difference <= unreached || Math.abs(found[i] - mineWithout[i]) <= unreached;
            } else if (Double.isFinite(expected[i])) {
                agrees = difference <= reached;
            } else {
                agrees = special.isOutlier();
            }
            if (!agrees) {
                return Optional.of("answers " + (float) found[i] + " for " + (float) expected[i]);
            }
        }
        return Optional.empty();
    }
}
