package dev.cresset.torch.exported;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.pt2.RangeConstraint;
import dev.cresset.pt2.SymExpr;
import dev.cresset.pt2.SymInt;
import dev.cresset.tensor.Size;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SizeExpressionsTest {

    private static final String S77 = "Symbol('s77', positive=True, integer=True)";

    private final SizeExpressions expressions = new SizeExpressions(Map.of(
            "s77", new RangeConstraint(Optional.of(1L), Optional.of(64L)),
            "s5", new RangeConstraint(Optional.of(4L), Optional.empty())));

    @Test
    void aNumber_isFixed() {
        assertThat(expressions.size(new SymInt.AsInt(3))).isEqualTo(Size.fixed(3));
    }

    @Test
    void aSymbol_hasItsBoundsAndItsExample() {
        assertThat(size(S77, 8)).isEqualTo(Size.symbol("s77", 0, 64, 8));
        assertThat(size("Symbol('s5', integer=True)", 8)).isEqualTo(Size.symbol("s5", 4, Long.MAX_VALUE, 8));
    }

    /** Twice this is none at all in 64 bits, and a size would be divided by it. */
    @Test
    void aMultipleThatNoNumberHolds_isRefused() {
        String much = "Mul(Integer(4294967296), Mul(Integer(4294967296), " + S77 + "))";

        assertThatThrownBy(() -> size(much, 8))
                .isInstanceOf(UnsupportedProgram.class)
                .hasMessageContaining("a size that no tensor has");
    }

    @Test
    void aSumOfMultiples_isReadAsOne() {
        Size size = size("Add(Mul(Integer(2), " + S77 + "), Integer(1))", 17);

        assertThat(size.multiples()).containsExactly(Map.entry("s77", 2L));
        assertThat(size.constant()).isEqualTo(1);
        assertThat(size.max()).isEqualTo(129);
        assertThat(size).hasToString("2*s77 + 1");
    }

    @Test
    void whatIsNoSum_isASizeOfItsOwn() {
        Size size = size("FloorDiv(" + S77 + ", Integer(2))", 4);

        assertThat(size.isFixed()).isFalse();
        assertThat(size.min()).isZero();
        assertThat(size.max()).isEqualTo(Long.MAX_VALUE);
        assertThat(size.example()).isEqualTo(4);
    }

    @Test
    void whatIsNoExpression_isASizeOfItsOwn() {
        for (String text :
                new String[] {"", "Add(", "Add()", "Mul(" + S77, S77 + ")", "Integer(99999999999999999999)", "((((("}) {
            assertThat(size(text, 2).isFixed()).as(text).isFalse();
        }
    }

    private Size size(String expression, long example) {
        return expressions.size(new SymInt.AsExpr(expression, Optional.of(new SymExpr.Hint.AsInt(example))));
    }
}
