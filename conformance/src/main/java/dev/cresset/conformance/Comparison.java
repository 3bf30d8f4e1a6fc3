package dev.cresset.conformance;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * Whether an answer is PyTorch's: to the bit, or number by number within what {@code torch.testing.assert_close} allows the
 * type. Kinds, types, shapes and order have to be the same, and NaN and infinities in the same places.
 */
final class Comparison {

    /** An absolute difference, and a fraction of the right number, that are allowed together. */
    private record Tolerance(double relative, double absolute) {
        boolean allows(double expected, double found) {
            if (!Double.isFinite(expected)) {
                return Double.compare(expected, found) == 0;
            }
            return Math.abs(expected - found) <= absolute + relative * Math.abs(expected);
        }
    }

    private static final Map<DataType, Tolerance> TOLERANCES = Map.of(
            DataType.FLOAT64, new Tolerance(1e-7, 1e-7),
            DataType.FLOAT32, new Tolerance(1.3e-6, 1e-5),
            DataType.FLOAT16, new Tolerance(1e-3, 1e-5),
            DataType.BFLOAT16, new Tolerance(1.6e-2, 1e-5));

    private Comparison() {}

    static Outcome of(Value expected, Value found) {
        if (expected instanceof Tensor tensor && found instanceof Tensor other) {
            return of(tensor, other);
        } else if (expected instanceof Value.TupleValue tuple && found instanceof Value.TupleValue other) {
            return of(tuple.elements(), other.elements());
        } else if (expected instanceof Value.ListValue list && found instanceof Value.ListValue other) {
            return of(list.elements(), other.elements());
        } else if (expected instanceof Value.DictValue dict && found instanceof Value.DictValue other) {
            return of(flat(dict), flat(other));
        }
        return expected.equals(found) ? Outcome.EQUAL : Outcome.differs("answers " + found + " for " + expected);
    }

    private static List<Value> flat(Value.DictValue dict) {
        List<Value> flat = new ArrayList<>(dict.entries().keySet());
        flat.addAll(dict.entries().values());
        return flat;
    }

    private static Outcome of(List<Value> expected, List<Value> found) {
        if (expected.size() != found.size()) {
            return Outcome.differs("answers " + found.size() + " values for " + expected.size());
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            outcomes.add(of(expected.get(i), found.get(i)));
        }
        return Outcome.worst(outcomes);
    }

    private static Outcome of(Tensor expected, Tensor found) {
        if (expected.dataType() != found.dataType() || !Arrays.equals(expected.shape(), found.shape())) {
            return Outcome.differs("answers " + found + " for " + expected);
        }
        if (expected.asByteBuffer().equals(found.asByteBuffer())) {
            return Outcome.EQUAL;
        }
        Tolerance tolerance = TOLERANCES.get(expected.dataType());
        return tolerance == null
                ? Outcome.differs("answers other whole numbers")
                : numbers(tolerance, (int) expected.elements(), fractions(expected), fractions(found));
    }

    private static Outcome numbers(
            Tolerance tolerance, int count, IntToDoubleFunction expected, IntToDoubleFunction found) {
        boolean equal = true;
        int wrong = 0;
        int worst = 0;
        double furthest = -1;
        double largest = 0;
        for (int i = 0; i < count; i++) {
            double right = expected.applyAsDouble(i);
            double other = found.applyAsDouble(i);
            largest = Double.isFinite(right) ? Math.max(largest, Math.abs(right)) : largest;
            equal &= Double.compare(right, other) == 0; // which tells -0 from 0, and no NaN from another
            if (!tolerance.allows(right, other)) {
                wrong++;
                double difference = Math.abs(right - other);
                // A NaN or an infinity that should be none, or is none, is worse than any number.
                difference = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
                if (difference > furthest) {
                    furthest = difference;
                    worst = i;
                }
            }
        }
        if (wrong == 0) {
            return equal ? Outcome.EQUAL : Outcome.CLOSE;
        }
        return new Outcome(
                Outcome.Verdict.DIFFERS,
                furthest / largest, // infinite where nothing is right but zero
                wrong + " of " + count + " numbers, the furthest off " + found.applyAsDouble(worst) + " for "
                        + expected.applyAsDouble(worst));
    }

    private static IntToDoubleFunction fractions(Tensor tensor) {
        if (tensor.dataType() == DataType.FLOAT64) {
            double[] numbers = tensor.toDoubleArray();
            return i -> numbers[i];
        }
        float[] numbers = tensor.toFloatArray();
        return i -> numbers[i];
    }
}
