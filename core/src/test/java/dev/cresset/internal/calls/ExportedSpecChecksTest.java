package dev.cresset.internal.calls;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueSpec;
import dev.cresset.tensor.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an exported program says of its inputs, and calls that keep to it and do not. */
class ExportedSpecChecksTest {

    private static final Size BATCH = Size.symbol("s0", 0, 64, 2);

    @Test
    void aFixedSize_isHeldTo() {
        check(tensor(Size.fixed(1), Size.fixed(3)), 1, 3);
        assertRefused(
                "m: dimension 0 of input 'x' was exported as 1, found 4; export with a dynamic size",
                tensor(Size.fixed(1), Size.fixed(3)),
                4,
                3);
    }

    @Test
    void aSymbol_isWithinItsBounds() {
        check(tensor(BATCH), 0);
        check(tensor(BATCH), 64);
        assertRefused("m: dimension 0 of input 'x' was exported for 0 to 64, found 65", tensor(BATCH), 65);
    }

    @Test
    void aSymbol_isTheSameEverywhere() {
        check(tensor(BATCH, BATCH), 3, 3);
        assertRefused("m: dimension 1 of input 'x' is 4, expected 3", tensor(BATCH, BATCH), 3, 4);
    }

    @Test
    void aMultiple_isOneOfItsSymbol() {
        Size twice = new Size(Map.of("s0", 2L), 1, 0, Long.MAX_VALUE, 5);

        check(tensor(BATCH, twice), 3, 7);
        check(tensor(twice, BATCH), 7, 3);
        assertRefused("m: dimension 1 of input 'x' is 8, it was exported as 2*s0 + 1", tensor(BATCH, twice), 3, 8);
        assertRefused("m: dimension 1 of input 'x' is 9, expected 7", tensor(BATCH, twice), 3, 9);
    }

    @Test
    void aSum_isLookedAtWhenAllIsKnown() {
        Size sum = new Size(Map.of("s0", 1L, "s1", 1L), 0, 0, Long.MAX_VALUE, 5);
        Size other = Size.symbol("s1", 0, Long.MAX_VALUE, 3);

        check(tensor(sum, BATCH, other), 5, 2, 3);
        assertRefused("m: dimension 0 of input 'x' is 6, expected 5", tensor(sum, BATCH, other), 6, 2, 3);
    }

    @Test
    void aConstant_takesNothingElse() {
        Signature.Parameter parameter =
                new Signature.Parameter("n", ValueType.parse("float"), false, new ValueSpec.Constant(Value.of(3.0)));

        assertThatCode(() -> ExportedSpecChecks.check("m", List.of(parameter), List.of(Value.of(3))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ExportedSpecChecks.check("m", List.of(parameter), List.of(Value.of(3.5))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("m: input 'n' was exported as the constant float 3.0, found float 3.5");
    }

    @Test
    void entries_areThoseOfTheExample() {
        Signature.Parameter parameter = new Signature.Parameter(
                "d",
                ValueType.parse("Dict[str, int]"),
                false,
                new ValueSpec.Entries(Map.of("a", new ValueSpec.OfInt(Size.symbol("s3", 0, 9, 2)))));

        assertThatThrownBy(() -> ExportedSpecChecks.check(
                        "m", List.of(parameter), List.of(new Value.DictValue(Map.of(Value.of("b"), Value.of(1))))))
                .hasMessageContaining("m: input 'd' has no 'a'");
        assertThatThrownBy(() -> ExportedSpecChecks.check(
                        "m", List.of(parameter), List.of(new Value.DictValue(Map.of(Value.of("a"), Value.of(10))))))
                .hasMessageContaining("input 'd'['a'] was exported for 0 to 9, found 10");
    }

    private static ValueSpec tensor(Size... sizes) {
        return new ValueSpec.OfTensor(DataType.FLOAT32, List.of(sizes));
    }

    private static void check(ValueSpec spec, long... shape) {
        try (Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape)) {
            ExportedSpecChecks.check(
                    "m",
                    List.of(new Signature.Parameter("x", ValueType.parse("Tensor"), false, spec)),
                    List.of(tensor));
        }
    }

    private static void assertRefused(String sentence, ValueSpec spec, long... shape) {
        assertThatThrownBy(() -> check(spec, shape))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(sentence);
    }
}
