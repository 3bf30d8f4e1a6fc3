package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Iterator;
import java.util.Map;

/** Whether two values are the same: kinds, types, shapes and order exactly, float32 within 1e-5, float64 within 1e-13. */
final class SameValue {

    private static final float TOLERANCE = 1e-5f;

    private static final double DOUBLE_TOLERANCE = 1e-13;

    private SameValue() {}

    static void check(Value actual, Value expected) {
        check(actual, expected, TOLERANCE);
    }

    /** The same but for how near a float32 has to be. */
    static void check(Value actual, Value expected, float tolerance) {
        assertThat(actual).hasSameClassAs(expected);
        if (expected instanceof Tensor tensor) {
            checkTensor(actual.asTensor(), tensor, tolerance);
        } else if (expected instanceof Value.TupleValue || expected instanceof Value.ListValue) {
            assertThat(actual.asList()).hasSameSizeAs(expected.asList());
            for (int i = 0; i < expected.asList().size(); i++) {
                check(actual.asList().get(i), expected.asList().get(i), tolerance);
            }
        } else if (expected instanceof Value.DictValue dict) {
            checkDict(actual.asDict().entries(), dict.entries(), tolerance);
        } else {
            assertThat(actual).isEqualTo(expected);
        }
    }

    private static void checkDict(Map<Value, Value> actual, Map<Value, Value> expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        Iterator<Map.Entry<Value, Value>> found = actual.entrySet().iterator();
        for (Map.Entry<Value, Value> wanted : expected.entrySet()) {
            Map.Entry<Value, Value> entry = found.next();
            check(entry.getKey(), wanted.getKey(), tolerance);
            check(entry.getValue(), wanted.getValue(), tolerance);
        }
    }

    private static void checkTensor(Tensor actual, Tensor expected, float tolerance) {
        assertThat(actual.dataType()).isEqualTo(expected.dataType());
        assertThat(actual.shape()).containsExactly(expected.shape());
        if (expected.dataType() == DataType.FLOAT32) {
            checkFloats(actual.toFloatArray(), expected.toFloatArray(), tolerance);
        } else if (expected.dataType() == DataType.FLOAT64) {
            assertThat(actual.toDoubleArray()).containsExactly(expected.toDoubleArray(), within(DOUBLE_TOLERANCE));
        } else {
            assertThat(actual.asByteBuffer()).isEqualTo(expected.asByteBuffer());
        }
    }

    /** Says only the first that differs: AssertJ looks for each of many in all the others. */
    private static void checkFloats(float[] actual, float[] expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            boolean same = Float.compare(actual[i], expected[i]) == 0 || Math.abs(actual[i] - expected[i]) <= tolerance;
            if (!same) {
                assertThat(actual[i]).as("number %d", i).isCloseTo(expected[i], within(tolerance));
            }
        }
    }
}
