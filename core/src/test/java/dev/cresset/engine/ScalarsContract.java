package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What core expects of engines that take and give numbers, texts and None. */
@EngineContract.Of(Capability.SCALARS)
public interface ScalarsContract extends EngineContract {

    @Test
    default void invoke_scalarsStringsAndNone() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1})) {
            assertThat(model.invoke(
                            "describe",
                            List.of(
                                    Value.of("größe ∞ 🔥"),
                                    Value.of(-3),
                                    Value.of(0.75),
                                    Value.of(true),
                                    Value.none())))
                    .isEqualTo(Value.of("größe ∞ 🔥 -3 True True none"));
            // An int passes for a float, as in Python.
            assertThat(model.invoke("describe", List.of(Value.of(""), Value.of(0), Value.of(1), Value.of(false), x)))
                    .isEqualTo(Value.of(" 0 True False some"));
            assertThat(model.invoke("nothing", List.of(x))).isEqualTo(Value.none());
        }
    }

    @Test
    default void invoke_textsLargerThanAnyFirstGuess() {
        try (EngineModel model = load("contract")) {
            Value words = model.invoke("repeat", List.of(Value.of("x".repeat(1001)), Value.of(3000)));
            assertThat(words.asList()).hasSize(3000).containsOnly(Value.of("x".repeat(1001)));
        }
    }
}
