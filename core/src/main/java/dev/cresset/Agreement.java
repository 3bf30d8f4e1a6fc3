package dev.cresset;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whether two answers of one model are the same up to rounding, or up to what its user allows.
 *
 * <p>A tensor's largest difference is held against the largest number in it, and not number by number: next to large ones
 * a small one is rounding itself. Everything that is not a fraction must be equal.
 *
 * <p>Used by one thread.
 */
final class Agreement {
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

    static Agreement upToRounding() {
        return new Agreement(OptionalDouble.empty());
    }

    /** Differences of up to this fraction of a tensor's largest number are allowed. */
    static Agreement within(double fraction) {
        return new Agreement(OptionalDouble.of(fraction));
    }

    /** The largest difference that was seen and allowed, as a fraction of the largest number beside it. */
    double largestDeviation() {
        return largestDeviation;
    }

    /** Says how the second differs from the first, or nothing. */
    Optional<String> difference(Value expected, Value found) {
        if (expected instanceof Tensor tensor && found instanceof Tensor other) {
            return between(tensor, other);
        } else if (expected instanceof Value.TupleValue tuple && found instanceof Value.TupleValue other) {
            return between(tuple.elements(), other.elements());
        } else if (expected instanceof Value.ListValue list && found instanceof Value.ListValue other) {
            return between(list.elements(), other.elements());
        } else if (expected instanceof Value.DictValue dict && found instanceof Value.DictValue other) {
            return dict.entries().keySet().equals(other.entries().keySet())
                    ? between(
                            List.copyOf(dict.entries().values()),
                            dict.entries().keySet().stream()
                                    .map(other.entries()::get)
                                    .toList())
                    : Optional.of("answers with other keys");
        }
        return expected.equals(found) ? Optional.empty() : Optional.of("answers " + found + " for " + expected);
    }

    private Optional<String> between(List<Value> expected, List<Value> found) {
        if (expected.size() != found.size()) {
            return Optional.of("answers " + found.size() + " values for " + expected.size());
        }
        Iterator<Value> others = found.iterator();
        return expected.stream()
                .map(value -> difference(value, others.next()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<String> between(Tensor expected, Tensor found) {
        if (expected.dataType() != found.dataType() || !Arrays.equals(expected.shape(), found.shape())) {
            return Optional.of("answers " + found + " for " + expected);
        }
        Double tolerance = TOLERANCE.get(expected.dataType());
        if (tolerance == null) {
            return Arrays.equals(expected.toByteArray(), found.toByteArray())
                    ? Optional.empty()
                    : Optional.of("answers other whole numbers");
        }
        double largest = 0;
        double difference = 0;
        double[] right = Numbers.toDoubles(expected);
        double[] other = Numbers.toDoubles(found);
        for (int i = 0; i < right.length; i++) {
            if (Double.compare(right[i], other[i]) == 0 || right[i] == other[i]) {
                continue; // equal, both NaN or the same infinity
            }
            if (!(Math.abs(right[i] - other[i]) < Double.POSITIVE_INFINITY)) {
                return Optional.of("answers " + other[i] + " for " + right[i]);
            }
            difference = Math.max(difference, Math.abs(right[i] - other[i]));
        }
        for (double number : right) {
            largest = Double.isFinite(number) ? Math.max(largest, Math.abs(number)) : largest;
        }
        if (difference <= allowed.orElse(tolerance) * largest) {
            largestDeviation = Math.max(largestDeviation, difference == 0 ? 0 : difference / largest);
            return Optional.empty();
        }
        return Optional.of("differs by " + (float) difference + " where the largest number is " + (float) largest);
    }
}
