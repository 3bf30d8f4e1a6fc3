package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What core expects of engines that take and give lists, tuples and dicts. */
@EngineContract.Of(Capability.COLLECTIONS)
public interface CollectionsContract extends EngineContract {

    @Test
    default void invoke_listsDictsAndTuples() {
        try (EngineModel model = load("contract");
                Tensor a = Tensor.of(new float[] {1}, 1);
                Tensor b = Tensor.of(new float[] {2, 3}, 2)) {
            Map<String, Value> parts = new LinkedHashMap<>();
            parts.put("a", a);
            parts.put("b", b);
            Value order = Value.list(Value.of("b"), Value.of("a"), Value.of("b"));
            try (Value merged = model.invoke("merge", List.of(Value.dict(parts), order))) {
                assertThat(merged.asList()).hasSize(3);
                assertThat(merged.asList().get(0).asTensor().toFloatArray()).containsExactly(2, 3);
                assertThat(merged.asList().get(1).asTensor().toFloatArray()).containsExactly(1);
            }
            assertThat(model.invoke("merge", List.of(Value.dict(Map.of()), Value.list())))
                    .isEqualTo(Value.list());
            Map<String, Value> lengths = new LinkedHashMap<>();
            lengths.put("zwei", Value.of(4));
            lengths.put("ja", Value.of(2));
            assertThat(model.invoke("lengths", List.of(Value.list(Value.of("zwei"), Value.of("ja")))))
                    .isInstanceOf(Value.DictValue.class)
                    .isEqualTo(Value.dict(lengths));
            try (Value pair = model.invoke("pair", List.of(b))) {
                assertThat(pair).isInstanceOf(Value.TupleValue.class);
                assertThat(pair.asList().get(0).asTensor().toFloatArray()).containsExactly(3, 4);
                assertThat(pair.asList().get(1).asTensor().toFloatArray()).containsExactly(1, 2);
            }
        }
    }
}
