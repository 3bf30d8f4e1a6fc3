package dev.cresset.internal.tuning;

import dev.cresset.internal.Failures;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whether two answers of one model are the same up to rounding, or up to what its user allows.
 *
 * <p>A tensor's largest difference is held against the largest number in it, and not number by number: next to large ones
 * a small one is rounding itself. A list of floats is taken as a tensor of float32, and so is a float. Everything that is not a fraction
 * must be equal. NaN is NaN, and each infinity is itself.
 *
 * <p>Used by one thread.
 */
public final class Agreement {
    private static final Map<DataType, Double> TOLERANCE = Map.of(
            DataType.FLOAT64, 1e-8,
            DataType.FLOAT32, 1e-4,
            DataType.FLOAT16, 1e-2,
            DataType.BFLOAT16, 3e-2);

    private final OptionalDouble allowed;
    private double largestDeviation;

    private Agreement(OptionalDouble allowed) {
        this.allowed = allowed;
    }

    public static Agreement upToRounding() {
        return new Agreement(OptionalDouble.empty());
    }

    /** Differences of up to this fraction of a tensor's largest number are allowed. */
    public static Agreement within(double fraction) {
        return new Agreement(OptionalDouble.of(fraction));
    }

    /** The largest difference that was seen and allowed, as a fraction of the largest number beside it. */
    public double largestDeviation() {
        return largestDeviation;
    }

    /** How far a leaf of fractions may differ, as a fraction of the largest beside it. */
    double tolerance(Value leaf) {
        return allowed.orElseGet(() -> TOLERANCE.getOrDefault(FloatingPoint.typeOf(leaf), 0.0));
    }

    /** Says how the second differs from the first, or nothing. Whatever stands in the way is said, too, and not thrown: it is no fault of an input's. */
    public Optional<String> difference(Value expected, Value found) {
        try {
            return differenceOf(expected, found);
        } catch (RuntimeException e) {
            return Optional.of("cannot be compared: " + e);
        }
    }

    private Optional<String> differenceOf(Value expected, Value found) {
        FlattenedValue right = FlattenedValue.of(expected);
        FlattenedValue other = FlattenedValue.of(found);
        if (!right.form().equals(other.form())) {
            return Optional.of("answers " + Failures.shortened(found) + " for " + Failures.shortened(expected));
        }
        List<Value> leaves = right.values();
        for (int i = 0; i < leaves.size(); i++) {
            Optional<String> difference = between(leaves.get(i), other.values().get(i));
            if (difference.isPresent()) {
                return difference;
            }
        }
        return Optional.empty();
    }

    private Optional<String> between(Value expected, Value found) {
        if (!FloatingPoint.areIn(expected)) {
            return exact(expected, found);
        }
        double difference = 0;
        double[] right = FloatingPoint.toDoubles(expected);
        double[] other = FloatingPoint.toDoubles(found);
        for (int i = 0; i < right.length; i++) {
            if (FloatingPoint.same(right[i], other[i])) {
                continue;
            }
            if (!(Math.abs(right[i] - other[i]) < Double.POSITIVE_INFINITY)) {
                return Optional.of("answers " + other[i] + " for " + right[i]);
            }
            difference = Math.max(difference, Math.abs(right[i] - other[i]));
        }
        double largest = FloatingPoint.largest(right);
        if (difference <= tolerance(expected) * largest) {
            largestDeviation = Math.max(largestDeviation, difference == 0 ? 0 : difference / largest);
            return Optional.empty();
        }
        return Optional.of("differs by " + (float) difference + " where the largest number is " + (float) largest);
    }

    /** For leaves of one form that hold no fractions. */
    static Optional<String> exact(Value expected, Value found) {
        if (expected instanceof Tensor tensor) {
            return tensor.asByteBuffer().equals(found.asTensor().asByteBuffer())
                    ? Optional.empty()
                    : Optional.of("answers other whole numbers");
        }
        return expected.equals(found)
                ? Optional.empty()
                : Optional.of("answers " + Failures.shortened(found) + " for " + Failures.shortened(expected));
    }
}
