package dev.cresset.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What core expects of an engine. The tests of every engine extend this. */
public abstract class EngineContractTest {

    /** Where the engine finds {@code contract} or {@code contract-state}, see {@code fixtures/python/scripted}. */
    protected abstract ModelSource source(String module);

    /** The same module's bytes, in memory. */
    protected abstract ModelSource sourceInMemory(String module);

    /** Something that is no model. */
    protected abstract ModelSource nonsense();

    protected abstract Engine engine();

    private EngineModel load(String module) {
        return engine().load(source(module), new LoadOptions(1, true));
    }

    private static float[] floats(Value value) {
        try (value) {
            return value.asTensor().toFloatArray();
        }
    }

    @Test
    void load_fromFileOrMemory_isTheSame() {
        try (EngineModel fromFile = load("contract");
                EngineModel fromMemory = engine().load(sourceInMemory("contract"), new LoadOptions(1, true));
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            assertThat(floats(fromMemory.invoke("forward", List.of(x))))
                    .containsExactly(floats(fromFile.invoke("forward", List.of(x))));
        }
    }

    @Test
    void load_nonsense_isALoadFailure() {
        assertThatThrownBy(() -> engine().load(nonsense(), new LoadOptions(1, true)))
                .isInstanceOfSatisfying(
                        EngineException.class, e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.LOAD));
    }

    @Test
    void signature_listsMethodsWithTheirTypes() {
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
    void isStateful_onlyIfTheModuleChangesItself() {
        try (EngineModel plain = load("contract");
                EngineModel keeping = load("contract-state")) {
            assertThat(plain.isStateful()).isFalse();
            assertThat(keeping.isStateful()).isTrue();
        }
    }

    @Test
    void invoke_forward() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
                Value y = model.invoke("forward", List.of(x))) {
            assertThat(y.asTensor().shape()).containsExactly(2, 2);
            assertThat(y.asTensor().dataType()).isEqualTo(DataType.FLOAT32);
            assertThat(y.asTensor().toFloatArray()).containsExactly(3, 5, 7, 9);
            assertThat(y.asTensor().asFloatBuffer().get(3)).isEqualTo(9);
        }
    }

    @Test
    void invoke_withAndWithoutADefault() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1}, 1);
                Tensor y = Tensor.of(new float[] {10}, 1)) {
            assertThat(floats(model.invoke("add", List.of(x, y)))).containsExactly(11);
            assertThat(floats(model.invoke("add", List.of(x, y, Value.of(3))))).containsExactly(31);
        }
    }

    @Test
    void invoke_scalarsStringsAndNone() {
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
    void invoke_listsDictsAndTuples() {
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

    @Test
    void invoke_replyLargerThanAnyFirstGuess() {
        try (EngineModel model = load("contract")) {
            Value words = model.invoke("repeat", List.of(Value.of("x".repeat(1001)), Value.of(3000)));
            assertThat(words.asList()).hasSize(3000).containsOnly(Value.of("x".repeat(1001)));
            try (Value numbers = model.invoke("fill", List.of(Value.of(1_000_000)))) {
                assertThat(numbers.asTensor().asFloatBuffer().get(999_999)).isEqualTo(999_999);
            }
            try (Value none = model.invoke("fill", List.of(Value.of(0)))) {
                assertThat(none.asTensor().toFloatArray()).isEmpty();
            }
        }
    }

    @Test
    void invoke_resultThatIsAnArgument_hasMemoryOfItsOwn() {
        try (EngineModel model = load("contract")) {
            Tensor x = Tensor.of(new float[] {1, 2}, 2);
            Value same = model.invoke("identity", List.of(x));
            x.asFloatBuffer().put(0, 99);
            x.close();
            assertThat(floats(same)).containsExactly(1, 2);
        }
    }

    @Test
    void invoke_resultThatIsAWeight_hasMemoryOfItsOwn() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1}, 1)) {
            try (Value weight = model.invoke("weight", List.of())) {
                weight.asTensor().asFloatBuffer().put(0, 99);
            }
            assertThat(floats(model.invoke("forward", List.of(x)))).containsExactly(3);
        }
    }

    @Test
    void invoke_sameTensorTwiceInAResult_eachIsClosedOnItsOwn() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1}, 1)) {
            Value twice = model.invoke("twice", List.of(x));
            twice.asList().get(0).close();
            assertThat(floats(twice.asList().get(1))).containsExactly(2);
        }
    }

    @Test
    void invoke_resultsOutliveTheModel() {
        Value y;
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            y = model.invoke("forward", List.of(x));
        }
        assertThat(floats(y)).containsExactly(3, 5);
    }

    @Test
    void invoke_aModelThatFails_saysWhyAndTheNextCallWorks() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1}, 1)) {
            assertThatThrownBy(() -> model.invoke("fail", List.of(x)))
                    .isInstanceOfSatisfying(EngineException.class, e -> {
                        assertThat(e.kind()).isEqualTo(EngineException.Kind.EXECUTION);
                        assertThat(e.reason()).contains("asked to fail").contains("Traceback of TorchScript");
                    });
            assertThat(floats(model.invoke("forward", List.of(x)))).containsExactly(3);
        }
    }

    @Test
    void invoke_sizesThatDoNotFit_failAndTheNextCallWorks() {
        try (EngineModel model = load("contract");
                Tensor two = Tensor.of(new float[] {1, 2}, 2);
                Tensor three = Tensor.of(new float[] {1, 2, 3}, 3)) {
            assertThatThrownBy(() -> model.invoke("add", List.of(two, three)))
                    .isInstanceOfSatisfying(EngineException.class, e -> {
                        assertThat(e.kind()).isEqualTo(EngineException.Kind.EXECUTION);
                        assertThat(e.reason()).contains("size of tensor a (2)");
                    });
            assertThat(floats(model.invoke("add", List.of(two, two)))).containsExactly(2, 4);
        }
    }

    @Test
    void invoke_unknownMethod() {
        try (EngineModel model = load("contract")) {
            assertThatThrownBy(() -> model.invoke("missing", List.of()))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_INPUT));
        }
    }

    @Test
    void invoke_aModelThatKeepsItsInput_keepsItsOwnCopy() {
        try (EngineModel model = load("contract-state")) {
            try (Tensor x = Tensor.of(new float[] {5}, 1)) {
                assertThat(floats(model.invoke("forward", List.of(x)))).containsExactly(5);
                x.asFloatBuffer().put(0, 1000);
            }
            try (Tensor x = Tensor.of(new float[] {1}, 1)) {
                assertThat(floats(model.invoke("forward", List.of(x)))).containsExactly(6);
                assertThat(model.invoke("reset", List.of())).isEqualTo(Value.none());
                assertThat(floats(model.invoke("forward", List.of(x)))).containsExactly(1);
            }
        }
    }

    @Test
    void invoke_fromManyThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (EngineModel model = load("contract")) {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                float given = i;
                calls.add(() -> {
                    try (Tensor x = Tensor.of(new float[] {given, -given}, 2)) {
                        float[] got = floats(model.invoke("forward", List.of(x)));
                        return got[0] == 2 * given + 1 && got[1] == -2 * given + 1;
                    }
                });
            }
            List<Boolean> right = new ArrayList<>();
            for (Future<Boolean> answer : threads.invokeAll(calls)) {
                right.add(answer.get());
            }
            assertThat(right).isEqualTo(Collections.nCopies(400, true));
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void session_readsItsInputAnewAtEveryRun() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 2);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 1, 2)) {
            Memory read = x.acquire();
            Memory written = y.acquire();
            try (EngineSession session = model.prepare("forward", List.of(x), List.of(y))) {
                for (int i = 0; i < 10; i++) {
                    x.asFloatBuffer().put(0, i).put(1, -i);
                    session.run();
                    assertThat(y.toFloatArray()).containsExactly(2 * i + 1, -2 * i + 1);
                }
            }
            read.release();
            written.release();
        }
    }

    @Test
    void session_withoutOutputs_lendsItsResultUntilTheNextRun() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                EngineSession session = model.prepare("pair", List.of(x), List.of())) {
            session.run();
            Tensor first = session.result().asList().get(0).asTensor();
            assertThat(first.toFloatArray()).containsExactly(2, 3);
            x.asFloatBuffer().put(0, 10);
            session.run();
            assertThatThrownBy(first::toFloatArray).isInstanceOf(IllegalStateException.class);
            assertThat(session.result().asList().get(1).asTensor().toFloatArray())
                    .containsExactly(9, 1);
        }
    }

    @Test
    void session_withALargeResult() {
        try (EngineModel model = load("contract");
                EngineSession session = model.prepare("fill", List.of(Value.of(100_000)), List.of())) {
            for (int i = 0; i < 3; i++) {
                session.run();
                assertThat(session.result().asTensor().toFloatArray()[99_999]).isEqualTo(99_999);
            }
        }
    }

    @Test
    void session_severalOutputs() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor plus = Tensor.allocate(DataType.FLOAT32, 2);
                Tensor minus = Tensor.allocate(DataType.FLOAT32, 2);
                EngineSession session = model.prepare("pair", List.of(x), List.of(plus, minus))) {
            session.run();
            assertThat(plus.toFloatArray()).containsExactly(2, 3);
            assertThat(minus.toFloatArray()).containsExactly(0, 1);
        }
    }

    @Test
    void session_outputThatDoesNotFit_isRefusedAndNothingIsWritten() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor small = Tensor.allocate(DataType.FLOAT32, 1);
                EngineSession session = model.prepare("forward", List.of(x), List.of(small))) {
            assertThatThrownBy(session::run).isInstanceOfSatisfying(EngineException.class, e -> {
                assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_INPUT);
                assertThat(e.reason()).contains("result 0").contains("[2]").contains("[1]");
            });
            assertThat(small.toFloatArray()).containsExactly(0);
        }
    }

    @Test
    void session_thatFails_canBeRunAgain() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1}, 1);
                EngineSession session = model.prepare("fail", List.of(x), List.of())) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(session::run)
                        .isInstanceOfSatisfying(
                                EngineException.class,
                                e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.EXECUTION));
            }
        }
    }

    // ---- other ways to compute the same ----

    @Test
    void optimized_computesTheSame_andClosesOnItsOwn() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            for (Optimization other : model.optimizations()) {
                EngineModel optimized = model.optimized(other);
                assertThat(optimized.optimization()).isIn(other, model.optimization());
                assertThat(optimized.signature()).isEqualTo(model.signature());
                assertThat(optimized.optimizations()).isEmpty();
                for (int run = 0; run < 5; run++) {
                    assertThat(floats(optimized.invoke("forward", List.of(x)))).containsExactly(3, 5);
                    assertThat(floats(optimized.invoke("weight", List.of()))).containsExactly(1);
                }
                optimized.close();
            }
            assertThat(floats(model.invoke("forward", List.of(x)))).containsExactly(3, 5);
        }
    }

    @Test
    void optimized_outlivesWhatItCameFrom() {
        try (Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            for (Optimization other : optimizations("contract")) {
                EngineModel model = load("contract");
                EngineModel optimized = model.optimized(other);
                model.close();
                assertThat(floats(optimized.invoke("forward", List.of(x)))).containsExactly(3, 5);
                optimized.close();
            }
        }
    }

    @Test
    void settle_endsTheChoice() {
        try (EngineModel model = load("contract");
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            model.settle();
            assertThat(model.optimizations()).isEmpty();
            assertThat(floats(model.invoke("forward", List.of(x)))).containsExactly(3, 5);
        }
    }

    @Test
    void optimizations_ofAModuleWithState_areNone() {
        assertThat(optimizations("contract-state")).isEmpty();
    }

    @Test
    void load_asIs_computesAsIs() {
        try (EngineModel model = engine().load(source("contract"), new LoadOptions(1, /* freeze= */ false))) {
            assertThat(model.optimization()).isEqualTo(Optimization.AS_IS);
            assertThat(model.optimizations()).isEmpty();
        }
    }

    private Set<Optimization> optimizations(String module) {
        try (EngineModel model = load(module)) {
            return Set.copyOf(model.optimizations());
        }
    }
}
