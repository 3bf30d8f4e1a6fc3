package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What core expects of engines whose models have methods of their own. */
@EngineContract.Of(Capability.METHODS)
public interface MethodsContract extends EngineContract {

    @Test
    default void signature_listsMethodsWithTheirTypes() {
        try (EngineModel model = load("contract")) {
            Signature signature = model.signature();
            assertThat(signature.methods().keySet())
                    .contains("forward", "add", "merge", "describe", "lengths", "nothing", "fail");
            assertThat(signature.methods().get("forward")).hasToString("forward(x: Tensor) -> Tensor");
            assertThat(signature.methods().get("add"))
                    .hasToString("add(x: Tensor, y: Tensor, times: int = ...) -> Tensor");
            assertThat(signature.methods().get("merge"))
                    .hasToString("merge(parts: Dict[str, Tensor], order: List[str]) -> List[Tensor]");
            assertThat(signature.methods().get("describe"))
                    .hasToString(
                            "describe(name: str, count: int, share: float, good: bool, extra: Optional[Tensor]) -> str");
            assertThat(signature.methods().get("weight")).hasToString("weight() -> Tensor");
        }
    }

    @Test
    default void invoke_withAndWithoutADefault() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1}, 1);
                Tensor y = Tensor.of(new float[] {10}, 1)) {
            assertThat(EngineContract.floats(model.invoke("add", List.of(x, y))))
                    .containsExactly(11);
            assertThat(EngineContract.floats(model.invoke("add", List.of(x, y, Value.of(3)))))
                    .containsExactly(31);
        }
    }
}
