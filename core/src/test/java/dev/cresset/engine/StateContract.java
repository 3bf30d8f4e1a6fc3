package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What core expects of engines whose models may keep a state. */
@EngineContract.Of(Capability.STATE)
public interface StateContract extends EngineContract {

    @Test
    default void isStateful_onlyIfTheModuleChangesItself() {
        try (EngineModel plain = load("contract");
                EngineModel keeping = load("contract-state")) {
            assertThat(plain.isStateful()).isFalse();
            assertThat(keeping.isStateful()).isTrue();
        }
    }

    @Test
    default void invoke_aModelThatKeepsItsInput_keepsItsOwnCopy() {
        try (EngineModel model = load("contract-state")) {
            try (Tensor x = Tensor.of(new float[] {5}, 1)) {
                assertThat(EngineContract.floats(model.invoke("forward", List.of(x))))
                        .containsExactly(5);
                x.asFloatBuffer().put(0, 1000);
            }
            try (Tensor x = Tensor.of(new float[] {1}, 1)) {
                assertThat(EngineContract.floats(model.invoke("forward", List.of(x))))
                        .containsExactly(6);
                assertThat(model.invoke("reset", List.of())).isEqualTo(Value.none());
                assertThat(EngineContract.floats(model.invoke("forward", List.of(x))))
                        .containsExactly(1);
            }
        }
    }

    @Test
    default void optimizations_ofAModuleWithState_areNone() {
        assertThat(optimizationsOf("contract-state")).isEmpty();
    }
}
