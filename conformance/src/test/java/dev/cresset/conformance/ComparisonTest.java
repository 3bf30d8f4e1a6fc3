package dev.cresset.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import org.junit.jupiter.api.Test;

/** What is equal, what is close, and what is neither. */
class ComparisonTest {

    @Test
    void of_sameBits_isEqual() {
        assertThat(verdict(1.5f, 1.5f)).isEqualTo(Outcome.Verdict.EQUAL);
        assertThat(verdict(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY)).isEqualTo(Outcome.Verdict.EQUAL);
    }

    @Test
    void of_anotherNaN_isEqual() {
        assertThat(verdict(Float.NaN, Float.intBitsToFloat(0xffc00001))).isEqualTo(Outcome.Verdict.EQUAL);
    }

    @Test
    void of_lastBit_isClose() {
        assertThat(verdict(1.5f, Math.nextUp(1.5f))).isEqualTo(Outcome.Verdict.CLOSE);
        assertThat(verdict(0f, -0f)).isEqualTo(Outcome.Verdict.CLOSE);
    }

    @Test
    void of_furtherThanTheTolerance_differs() {
        assertThat(verdict(100f, 100.001f)).isEqualTo(Outcome.Verdict.DIFFERS);
    }

    @Test
    void of_numberForNaN_differs() {
        assertThat(verdict(Float.NaN, 0f)).isEqualTo(Outcome.Verdict.DIFFERS);
        assertThat(verdict(0f, Float.NaN)).isEqualTo(Outcome.Verdict.DIFFERS);
    }

    @Test
    void of_infinityForLargest_differs() {
        assertThat(verdict(Float.MAX_VALUE, Float.POSITIVE_INFINITY)).isEqualTo(Outcome.Verdict.DIFFERS);
        assertThat(verdict(Float.POSITIVE_INFINITY, Float.MAX_VALUE)).isEqualTo(Outcome.Verdict.DIFFERS);
    }

    @Test
    void of_otherShapeOrType_differs() {
        try (Tensor row = Tensor.of(new float[] {1}, 1);
                Tensor single = Tensor.of(new float[] {1});
                Tensor wide = Tensor.of(new double[] {1}, 1)) {
            assertThat(Comparison.of(row, single).verdict()).isEqualTo(Outcome.Verdict.DIFFERS);
            assertThat(Comparison.of(row, wide).verdict()).isEqualTo(Outcome.Verdict.DIFFERS);
        }
    }

    @Test
    void of_oneWrongInATuple_differs() {
        assertThat(Comparison.of(Value.tuple(Value.of(1), Value.of(2)), Value.tuple(Value.of(1), Value.of(3)))
                        .verdict())
                .isEqualTo(Outcome.Verdict.DIFFERS);
    }

    private static Outcome.Verdict verdict(float expected, float found) {
        try (Tensor right = Tensor.of(new float[] {1, expected}, 2);
                Tensor other = Tensor.of(new float[] {1, found}, 2)) {
            return Comparison.of(right, other).verdict();
        }
    }
}
