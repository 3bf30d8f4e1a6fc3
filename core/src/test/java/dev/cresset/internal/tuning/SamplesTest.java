package dev.cresset.internal.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.ValueSpec;
import dev.cresset.tensor.ValueType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplesTest {

    @Test
    void canBeMadeFor_anExample_isTrue() {
        assertThat(Samples.canBeMadeFor(List.of(parameter(8)))).isTrue();
    }

    /** A forged file said so, and to open it failed by an exception of Java's. */
    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 1L << 50, -1, Long.MIN_VALUE})
    void canBeMadeFor_anExampleThatNoTensorIsLike_isFalse(long example) {
        assertThat(Samples.canBeMadeFor(List.of(parameter(example)))).isFalse();
    }

    private static Signature.Parameter parameter(long example) {
        return new Signature.Parameter(
                "x",
                ValueType.parse("Tensor"),
                /* optional= */ false,
                new ValueSpec.OfTensor(
                        DataType.FLOAT32, List.of(Size.fixed(2), Size.symbol("s0", 0, Long.MAX_VALUE, example))));
    }
}
