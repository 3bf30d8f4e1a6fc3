package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Whether two values are the same but for rounding: numbers with a fraction as near as 1e-5 of the largest in their tensor, 16-bit ones
 * as near as their precision; all else exactly.
 */
final class NearValue {

    private NearValue() {}

    static void check(Value actual, Value expected, String where) {
        if (expected instanceof Tensor tensor) {
            checkTensor(actual.asTensor(), tensor, where);
        } else if (expected instanceof Value.TupleValue || expected instanceof Value.ListValue) {
            assertThat(actual).as(where).hasSameClassAs(expected);
            List<Value> elements = expected.asList();
            assertThat(actual.asList()).as(where).hasSameSizeAs(elements);
            for (int i = 0; i < elements.size(); i++) {
                check(actual.asList().get(i), elements.get(i), where + " [" + i + "]");
            }
        } else if (expected instanceof Value.DictValue dict) {
            Map<Value, Value> found = actual.asDict().entries();
            assertThat(found).as(where).hasSameSizeAs(dict.entries());
            Iterator<Map.Entry<Value, Value>> entries = found.entrySet().iterator();
            dict.entries().forEach((key, value) -> {
                Map.Entry<Value, Value> entry = entries.next();
                assertThat(entry.getKey()).as(where).isEqualTo(key);
                check(entry.getValue(), value, where + " [" + key + "]");
            });
        } else {
            assertThat(actual).as(where).isEqualTo(expected);
        }
    }

    private static void checkTensor(Tensor actual, Tensor expected, String where) {
        assertThat(actual.dataType()).as(where).isEqualTo(expected.dataType());
        assertThat(actual.shape()).as(where).containsExactly(expected.shape());
        switch (expected.dataType()) {
            case FLOAT32 -> checkNear(doubles(actual.toFloatArray()), doubles(expected.toFloatArray()), 1e-5, where);
            case FLOAT64 -> checkNear(actual.toDoubleArray(), expected.toDoubleArray(), 1e-10, where);
            case FLOAT16 -> checkNear(doubles(actual.toFloatArray()), doubles(expected.toFloatArray()), 1e-3, where);
            case BFLOAT16 -> checkNear(doubles(actual.toFloatArray()), doubles(expected.toFloatArray()), 1e-2, where);
            default -> assertThat(actual.asByteBuffer()).as(where).isEqualTo(expected.asByteBuffer());
        }
    }

    private static void checkNear(double[] actual, double[] expected, double tolerance, String where) {
        double largest = 0;
        for (double number : expected) {
            if (Double.isFinite(number)) {
                largest = Math.max(largest, Math.abs(number));
            }
        }
        for (int i = 0; i < expected.length; i++) {
            boolean same = Double.compare(actual[i], expected[i]) == 0
                    || Math.abs(actual[i] - expected[i]) <= tolerance * largest;
            if (!same) {
                fail(
                        "%s: number %d is %s, expected %s, where the largest is %s",
                        where, i, actual[i], expected[i], largest);
            }
        }
    }

    private static double[] doubles(float[] numbers) {
        double[] doubles = new double[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            doubles[i] = numbers[i];
        }
        return doubles;
    }
}
