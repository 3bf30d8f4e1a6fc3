package dev.cresset.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values, their types, and what a type accepts. */
class ValueTest {

    @Test
    void asX_ofAnotherKind_saysWhatItIs() {
        assertThatThrownBy(() -> Value.of("seven").asTensor())
                .isInstanceOf(ClassCastException.class)
                .hasMessage("expected a tensor, found str 'seven'");
        assertThatThrownBy(() -> Value.of(7).asString()).hasMessage("expected a str, found int 7");
        assertThatThrownBy(() -> Value.none().asList()).hasMessage("expected a list or tuple, found None");
        assertThat(Value.of(7).asDouble()).isEqualTo(7.0);
    }

    @Test
    void close_closesEveryTensorInside() {
        Tensor a = Tensor.of(new float[] {1}, 1);
        Tensor b = Tensor.of(new float[] {2}, 1);
        Tensor c = Tensor.of(new float[] {3}, 1);
        Value.tuple(a, Value.list(b), Value.dict(Map.of("c", c)), Value.of(1)).close();
        assertThat(List.of(a, b, c)).allMatch(Tensor::isClosed);
    }

    @Test
    void get_keyThatIsNotThere() {
        assertThatThrownBy(() -> Value.dict(Map.of("out", Value.of(1))).asDict().get("aux"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'aux'")
                .hasMessageContaining("'out'");
    }

    @Test
    void parse_readsWhatToStringWrites() {
        for (String text : List.of(
                "Tensor",
                "Optional[Tensor]",
                "Dict[str, List[Optional[int]]]",
                "Tuple[Tensor, Dict[str, List[Tensor]], Tuple[]]".replace(", Tuple[]", ""),
                "__torch__.models.Box")) {
            assertThat(ValueType.parse(text)).hasToString(text);
        }
        assertThat(ValueType.parse("Tuple[]").arguments()).isEmpty();
        assertThatThrownBy(() -> ValueType.parse("List[int")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ValueType.parse("List[int]]")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void accepts_followsTorchScript() {
        assertThat(ValueType.parse("float").accepts(Value.of(1))).isTrue();
        assertThat(ValueType.parse("int").accepts(Value.of(1.0))).isFalse();
        assertThat(ValueType.parse("int").accepts(Value.of(true))).isFalse();
        assertThat(ValueType.parse("Optional[str]").accepts(Value.none())).isTrue();
        assertThat(ValueType.parse("Optional[str]").accepts(Value.of(1))).isFalse();
        assertThat(ValueType.parse("List[int]").accepts(Value.list())).isTrue();
        assertThat(ValueType.parse("List[int]").accepts(Value.list(Value.of(1), Value.of("x"))))
                .isFalse();
        assertThat(ValueType.parse("List[int]").accepts(Value.tuple(Value.of(1))))
                .isFalse();
        assertThat(ValueType.parse("Tuple[int, str]").accepts(Value.tuple(Value.of(1), Value.of("x"))))
                .isTrue();
        assertThat(ValueType.parse("Tuple[int, str]").accepts(Value.tuple(Value.of(1))))
                .isFalse();
        assertThat(ValueType.parse("Dict[str, int]").accepts(Value.dict(Map.of("a", Value.of(1)))))
                .isTrue();
        assertThat(ValueType.parse("Dict[str, int]").accepts(Value.dict(Map.of("a", Value.of("x")))))
                .isFalse();
    }

    @Test
    void spec_matchesWithAnySize() {
        TensorSpec spec = TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 3);
        assertThat(spec.matches(DataType.FLOAT32, 7, 3)).isTrue();
        assertThat(spec.matches(DataType.FLOAT32, 7, 4)).isFalse();
        assertThat(spec.matches(DataType.FLOAT64, 7, 3)).isFalse();
        assertThat(spec).hasToString("[any, 3] (float32)").isEqualTo(TensorSpec.of(DataType.FLOAT32, -1, 3));
        assertThatThrownBy(() -> TensorSpec.of(DataType.FLOAT32, -2)).isInstanceOf(IllegalArgumentException.class);
    }
}
