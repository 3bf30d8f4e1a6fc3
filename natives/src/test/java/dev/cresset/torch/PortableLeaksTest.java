package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.junit.jupiter.api.Test;

/** Every native object that the portable engine makes is given back, and at once. */
class PortableLeaksTest {

    private static EngineModel load(String module) {
        return new PortableProvider()
                .open()
                .load(
                        new ModelSource.InFile(module, TorchContractTest.fixture("modules/" + module + ".pt")),
                        new LoadOptions(1, true));
    }

    private static void callEveryWay(EngineModel model) {
        try (Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor plus = Tensor.of(new float[2], 2);
                Tensor minus = Tensor.of(new float[2], 2)) {
            model.invoke("pair", List.of(x)).close();
            model.invoke("merge", List.of(Value.dict(Map.of("a", x)), Value.list(Value.of("a"))))
                    .close();
            model.invoke("lengths", List.of(Value.list(Value.of("ja")))).close();
            model.invoke("describe", List.of(Value.of(""), Value.of(0), Value.of(1), Value.of(true), Value.none()))
                    .close();
            assertThatThrownBy(() -> model.invoke("fail", List.of(x))).isInstanceOf(EngineException.class);
            try (EngineSession bound = model.prepare("pair", List.of(x), List.of(plus, minus));
                    EngineSession free = model.prepare("pair", List.of(x), List.of())) {
                bound.run();
                free.run();
                free.run();
            }
        }
    }

    @Test
    void calls_leaveNoNativeObject() {
        try (EngineModel model = load("contract")) {
            callEveryWay(model);
            long before = Pointer.totalCount();
            for (int i = 0; i < 10; i++) {
                callEveryWay(model);
            }
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
            assertThat(InferenceMode.is_enabled()).isFalse();
        }
    }

    @Test
    void models_leaveNoNativeObject() {
        load("contract-state").close();
        long before = Pointer.totalCount();
        for (String module : List.of("contract", "contract-state", "no-forward")) {
            load(module).close();
        }
        assertThatThrownBy(() -> load("not-a-module")).isInstanceOf(EngineException.class);
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    @Test
    @SuppressWarnings("try") // a scope is there for what is made inside it
    void whatIsKept_survivesTheScopeOfACaller() {
        EngineModel model;
        Value y;
        try (PointerScope callers = new PointerScope();
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            model = load("contract");
            y = model.invoke("forward", List.of(x));
        }
        try (model;
                y;
                Tensor x = Tensor.of(new float[] {3}, 1);
                Value again = model.invoke("forward", List.of(x))) {
            assertThat(y.asTensor().toFloatArray()).containsExactly(3, 5);
            assertThat(again.asTensor().toFloatArray()).containsExactly(7);
        }
    }
}
