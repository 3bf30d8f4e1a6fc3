package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What core expects of engines that compute a model in several ways. */
@EngineContract.Of(Capability.OPTIMIZATIONS)
public interface OptimizationsContract extends EngineContract {

    @Test
    default void optimized_computesTheSame_andClosesOnItsOwn() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            for (Optimization other : model.optimizations()) {
                EngineModel optimized = model.optimized(other);
                assertThat(optimized.optimization()).isIn(other, model.optimization());
                assertThat(optimized.signature()).isEqualTo(model.signature());
                assertThat(optimized.optimizations()).isEmpty();
                for (int run = 0; run < 5; run++) {
                    assertThat(EngineContract.floats(optimized.invoke("forward", List.of(x))))
                            .containsExactly(3, 5);
                    assertThat(EngineContract.floats(optimized.invoke("weight", List.of())))
                            .containsExactly(1);
                }
                optimized.close();
            }
            assertThat(EngineContract.floats(model.invoke("forward", List.of(x))))
                    .containsExactly(3, 5);
        }
    }

    @Test
    default void optimized_outlivesWhatItCameFrom() {
        try (Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            for (Optimization other : optimizationsOf("contract")) {
                EngineModel model = load("contract");
                EngineModel optimized = model.optimized(other);
                model.close();
                assertThat(EngineContract.floats(optimized.invoke("forward", List.of(x))))
                        .containsExactly(3, 5);
                optimized.close();
            }
        }
    }
}
