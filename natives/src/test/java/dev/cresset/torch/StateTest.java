package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.BoundCall;
import dev.cresset.Model;
import dev.cresset.engine.InThread;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Modules that keep state between calls, called by several threads: each call sees the state that the one before it left. */
class StateTest {

    private static final int CALLS = 500;

    @Test
    void counter_calledByFourThreads_countsEveryCallOnce() throws Exception {
        Set<Float> seen = ConcurrentHashMap.newKeySet();
        try (Model counter = Model.open(TorchContractTest.fixture("modules/counter.pt"))) {
            assertThat(counter.isStateful()).isTrue();
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                boolean bound = caller % 2 == 0;
                callers.add(InThread.run(() -> count(counter, bound, seen)));
            }
            for (CompletableFuture<Void> caller : callers) {
                caller.get();
            }
            assertThat(counter.invoke("count")).isEqualTo(Value.of(4 * CALLS));
        }
        assertThat(seen).hasSize(4 * CALLS);
    }

    private static void count(Model counter, boolean bound, Set<Float> seen) {
        try (Tensor zero = Tensor.allocate(DataType.FLOAT32, 1);
                Tensor answer = Tensor.allocate(DataType.FLOAT32, 1);
                BoundCall call = counter.bind(List.of(zero), List.of(answer))) {
            for (int i = 0; i < CALLS; i++) {
                if (bound) {
                    call.run();
                    seen.add(answer.toFloatArray()[0]);
                } else {
                    try (Value value = counter.forward(zero)) {
                        seen.add(value.asTensor().toFloatArray()[0]);
                    }
                }
            }
        }
    }
}
