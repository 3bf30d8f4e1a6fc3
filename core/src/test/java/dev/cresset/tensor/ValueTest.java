package dev.cresset.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
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
    void accepts_ofAUnion_whatOneOfItsMembersDoes() {
        ValueType union = ValueType.parse("Union[Dict[str, Tensor], List[float], NoneType]");
        assertThat(union.accepts(Value.none())).isTrue();
        assertThat(union.accepts(Value.list())).isTrue();
        assertThat(union.accepts(Value.list(Value.of(1), Value.of(0.5)))).isTrue();
        assertThat(union.accepts(Value.list(Value.of("x")))).isFalse();
        assertThat(union.accepts(Value.of(1.0))).isFalse();
        assertThat(ValueType.parse("List[Union[int, str]]").accepts(Value.list(Value.of(1), Value.of("x"))))
                .isTrue();
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

    /** Deeper than any thread's stack is high. */
    private static Value deep(Value innermost) {
        Value value = innermost;
        for (int i = 0; i < 100_000; i++) {
            value = switch (i % 3) {
                case 0 -> Value.list(value);
                case 1 -> Value.tuple(value, Value.of(i));
                default -> Value.dict(Map.of("a", value));
            };
        }
        return value;
    }

    @Test
    void deepValue_isShownComparedAndClosed() {
        Tensor tensor = Tensor.of(new float[] {1}, 1);
        Value deep = deep(tensor);

        assertThat(deep.toString()).startsWith("list [dict {").contains("...").hasSizeLessThan(10_000);
        assertThat(deep(Value.of(1))).isEqualTo(deep(Value.of(1))).hasSameHashCodeAs(deep(Value.of(1)));
        assertThat(deep(Value.of(1)).equals(deep(Value.of(2)))).isFalse();
        deep.close();
        assertThat(tensor.isClosed()).isTrue();
    }

    @Test
    void values_areEqualByWhatIsInThem() {
        assertThat(Value.list(Value.of(1), Value.tuple())).isEqualTo(Value.list(Value.of(1), Value.tuple()));
        assertThat(Value.list(Value.of(1)).equals(Value.tuple(Value.of(1)))).isFalse();
        assertThat(Value.list(Value.of(1)).equals(Value.list(Value.of(1), Value.of(2))))
                .isFalse();
        assertThat(Value.list(Value.of(1)).equals(Value.list(Value.of(1.0)))).isFalse();
        Value one = Value.dict(Map.of("a", Value.of(1), "b", Value.list()));
        Map<String, Value> turned = new LinkedHashMap<>();
        turned.put("b", Value.list());
        turned.put("a", Value.of(1));
        assertThat(one).isEqualTo(Value.dict(turned)).hasSameHashCodeAs(Value.dict(turned));
        assertThat(one.equals(Value.dict(Map.of("a", Value.of(1), "c", Value.list()))))
                .isFalse();
        assertThat(Value.dict(turned)).hasToString("dict {str 'b'=list [], str 'a'=int 1}");
    }

    @Test
    void dict_refusesKeysThatTorchScriptHasNot() {
        assertThatThrownBy(() -> new Value.DictValue(Map.of(Value.list(), Value.of(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("keys are str, int, float, bool or tensors");
    }

    @Test
    @SuppressWarnings("NullAway") // as callers do whom nobody checks
    void of_null_namesWhatIsNull() {
        assertThatThrownBy(() -> Value.of((String) null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("value");
    }
}
