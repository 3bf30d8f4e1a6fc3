package dev.cresset.internal.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** When two answers of one model are the same: results of every type by a rule of their own. */
public class AgreementTest {

    private static boolean agree(Value expected, Value found) {
        return Agreement.upToRounding().difference(expected, found).isEmpty();
    }

    private static Tensor floats(double... numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) numbers[i];
        }
        return Tensor.of(floats, floats.length);
    }

    /** Two that are equal, and one that is not: opening a model that answers token ids was a ClassCastException. */
    static Stream<List<Value>> exact() {
        return Stream.of(
                List.of(Tensor.of(new long[] {1, 1L << 60}, 2), Tensor.of(new long[] {1, (1L << 60) + 1}, 2)),
                List.of(Tensor.of(new int[] {7}, 1), Tensor.of(new int[] {8}, 1)),
                List.of(Tensor.of(new short[] {7}, 1), Tensor.of(new short[] {8}, 1)),
                List.of(Tensor.of(new byte[] {7}, 1), Tensor.of(new byte[] {8}, 1)),
                List.of(Tensor.of(DataType.INT8, new byte[] {-7}, 1), Tensor.of(DataType.INT8, new byte[] {-8}, 1)),
                List.of(Tensor.of(new boolean[] {true}, 1), Tensor.of(new boolean[] {false}, 1)),
                List.of(Tensor.of(new long[] {3}), Tensor.of(new long[] {4})),
                List.of(Tensor.of(new long[0], 0, 4), Tensor.of(new long[0], 0, 5)),
                List.of(floats(), Tensor.of(new float[0], 0, 1)),
                List.of(floats(1), Tensor.of(new double[] {1}, 1)),
                List.of(Value.of(3), Value.of(4)),
                List.of(Value.of(3), Value.of(3.0)),
                List.of(Value.of(true), Value.of(false)),
                List.of(Value.of("cat"), Value.of("dog")),
                List.of(Value.none(), Value.of(0)),
                List.of(Value.tuple(), Value.list()),
                List.of(Value.tuple(Value.of(1)), Value.tuple(Value.of(1), Value.of(1))),
                List.of(Value.list(Value.of(1.0)), Value.list(Value.of(1.0), Value.of(1.0))),
                List.of(Value.list(Value.of(1.0)), Value.tuple(Value.of(1.0))),
                List.of(Value.dict(Map.of("a", Value.of(1))), Value.dict(Map.of("b", Value.of(1)))));
    }

    @ParameterizedTest
    @MethodSource("exact")
    void difference_whatIsNoFraction_isExact(List<Value> pair) {
        assertThat(agree(pair.get(0), pair.get(0))).isTrue();
        assertThat(agree(pair.get(0), pair.get(1))).isFalse();
        assertThat(agree(Value.tuple(pair.get(0)), Value.tuple(pair.get(1)))).isFalse();
    }

    /** A float that was computed from float32 tensors differs as they do: the way was lost for the last place of a loss. */
    @Test
    void difference_floatScalars_upToTheRoundingOfFloat32() {
        assertThat(agree(Value.of(0.123456789), Value.of(0.123456801))).isTrue();
        assertThat(agree(Value.of(0.1234), Value.of(0.1235))).isFalse();
        assertThat(agree(Value.of(Double.NaN), Value.of(Double.NaN))).isTrue();
        assertThat(agree(Value.of(Double.NaN), Value.of(1.0))).isFalse();
        assertThat(agree(Value.of(Double.POSITIVE_INFINITY), Value.of(Double.NEGATIVE_INFINITY)))
                .isFalse();
        assertThat(agree(Value.of(0.0), Value.of(-0.0))).isTrue();
    }

    @Test
    void difference_floatScalarsInContainers() {
        Value one = Value.tuple(floats(1), Value.dict(Map.of("loss", Value.of(2.0))));
        Value other = Value.tuple(floats(1.000001), Value.dict(Map.of("loss", Value.of(2.0000001))));
        Value wrong = Value.tuple(floats(1), Value.dict(Map.of("loss", Value.of(2.1))));
        assertThat(agree(one, other)).isTrue();
        assertThat(agree(one, wrong)).isFalse();
    }

    /** As of a tensor: beside large numbers a small one is rounding itself. */
    @Test
    void difference_aListOfFloats_isHeldAgainstItsLargest() {
        Value one = Value.list(Value.of(1000.0), Value.of(1e-9));
        assertThat(agree(one, Value.list(Value.of(1000.0), Value.of(2e-5)))).isTrue();
        assertThat(agree(one, Value.list(Value.of(1001.0), Value.of(1e-9)))).isFalse();
    }

    @Test
    void difference_floatKeys_upToRounding() {
        assertThat(agree(floatKeyed(0.5, 1), floatKeyed(0.50000001, 1))).isTrue();
        assertThat(agree(floatKeyed(0.5, 1), floatKeyed(0.6, 1))).isFalse();
        assertThat(agree(floatKeyed(0.5, 1), floatKeyed(0.5, 2))).isFalse();
    }

    private static Value floatKeyed(double key, long value) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        entries.put(Value.of(key), Value.of(value));
        return new Value.DictValue(entries);
    }

    @Test
    void difference_tensorsThatAreNotFinite_positionByPosition() {
        double nan = Double.NaN;
        double inf = Double.POSITIVE_INFINITY;
        assertThat(agree(floats(1, nan, inf), floats(1.00001, nan, inf))).isTrue();
        assertThat(agree(floats(1, nan), floats(nan, 1))).isFalse();
        assertThat(agree(floats(1, inf), floats(1, -inf))).isFalse();
        assertThat(agree(floats(1, inf), floats(1, Float.MAX_VALUE))).isFalse();
        assertThat(agree(floats(nan), floats(0))).isFalse();
    }

    @Test
    void difference_halves() {
        Tensor half = Tensor.of(DataType.FLOAT16, new short[] {0x3c00, (short) 0x8001}, 2);
        Tensor near = Tensor.of(DataType.FLOAT16, new short[] {0x3c01, (short) 0x8001}, 2);
        Tensor far = Tensor.of(DataType.FLOAT16, new short[] {0x4000, (short) 0x8001}, 2);
        assertThat(agree(half, near)).isTrue();
        assertThat(agree(half, far)).isFalse();
        Tensor brain = Tensor.of(DataType.BFLOAT16, new short[] {0x3f80}, 1);
        assertThat(agree(brain, Tensor.of(DataType.BFLOAT16, new short[] {0x3f81}, 1)))
                .isTrue();
        assertThat(agree(brain, Tensor.of(DataType.BFLOAT16, new short[] {0x4000}, 1)))
                .isFalse();
    }

    /** Opening an archive blamed what was thrown here on the user's sample. */
    @Test
    void difference_ofWhatCannotBeRead_isSaidAndNotThrown() {
        Tensor closed = floats(1);
        closed.close();
        assertThat(Agreement.upToRounding().difference(floats(1), closed))
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("cannot be compared: "));
    }
}
