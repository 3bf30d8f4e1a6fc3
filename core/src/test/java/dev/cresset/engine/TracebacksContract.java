package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What core expects of engines that say where in a model a call failed. */
@EngineContract.Of(Capability.TRACEBACKS)
public interface TracebacksContract extends EngineContract {

    @Test
    default void invoke_aModelThatFails_saysWhyAndTheNextCallWorks() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1}, 1)) {
            assertThatThrownBy(() -> model.invoke("fail", List.of(x)))
                    .isInstanceOfSatisfying(EngineException.class, e -> {
                        assertThat(e.kind()).isEqualTo(EngineException.Kind.EXECUTION);
                        assertThat(e.reason()).contains("asked to fail").contains("Traceback of TorchScript");
                    });
            assertThat(EngineContract.floats(model.invoke("forward", List.of(x))))
                    .containsExactly(3);
        }
    }

    @Test
    default void invoke_sizesThatDoNotFit_saysWhichDoNot() {
        try (EngineModel model = load("contract");
                Tensor two = Tensor.of(new float[] {1, 2}, 2);
                Tensor three = Tensor.of(new float[] {1, 2, 3}, 3)) {
            assertThatThrownBy(() -> model.invoke("add", List.of(two, three)))
                    .isInstanceOfSatisfying(
                            EngineException.class, e -> assertThat(e.reason()).contains("size of tensor a (2)"));
        }
    }
}
