package dev.cresset.engine;

import static dev.cresset.engine.EngineContract.floats;
import static dev.cresset.engine.EngineContract.parts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Memory;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What core expects of every engine: the tests of each extend this, and implement the contracts of what else it can. */
public abstract class EngineContractTest implements EngineContract {

    /** Something that is no model. */
    protected abstract ModelSource nonsense();

    private Loaded loaded(String function) {
        return new Loaded(this, function(function));
    }

    @Test
    void contracts_areThoseOfWhatTheEngineSaysThatItCan() {
        Set<Capability> held = EnumSet.noneOf(Capability.class);
        for (Class<?> type = getClass(); type != null; type = type.getSuperclass()) {
            for (Class<?> contract : type.getInterfaces()) {
                EngineContract.Of of = contract.getAnnotation(EngineContract.Of.class);
                if (of != null) {
                    held.add(of.value());
                }
            }
        }
        assertThat(held).isEqualTo(engine().capabilities());
    }

    @Test
    void load_fromFileOrMemory_isTheSame() {
        Function forward = function("forward");
        Function inMemory = new Function(inMemory(forward.source()), forward.method());
        try (Loaded fromFile = new Loaded(this, forward);
                Loaded fromMemory = new Loaded(this, inMemory);
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            assertThat(floats(fromMemory.call(x))).containsExactly(floats(fromFile.call(x)));
        }
    }

    private static ModelSource inMemory(ModelSource source) {
        try {
            byte[] bytes = Files.readAllBytes(((ModelSource.InFile) source).path());
            return new ModelSource.InMemory(
                    source.name(),
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void load_nonsense_isALoadFailure() {
        assertThatThrownBy(() -> engine().load(nonsense(), options(/* freeze= */ true)))
                .isInstanceOfSatisfying(
                        EngineException.class, e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.LOAD));
    }

    @Test
    void invoke_forward() {
        try (Loaded model = loaded("forward");
                Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
                Value y = model.call(x)) {
            assertThat(y.asTensor().shape()).containsExactly(2, 2);
            assertThat(y.asTensor().dataType()).isEqualTo(DataType.FLOAT32);
            assertThat(y.asTensor().toFloatArray()).containsExactly(3, 5, 7, 9);
            assertThat(y.asTensor().asFloatBuffer().get(3)).isEqualTo(9);
        }
    }

    @Test
    void invoke_replyLargerThanAnyFirstGuess() {
        try (Loaded model = loaded("fill");
                Value count = number(1_000_000);
                Value numbers = model.call(count)) {
            assertThat(numbers.asTensor().asFloatBuffer().get(999_999)).isEqualTo(999_999);
            try (Value zero = number(0);
                    Value none = model.call(zero)) {
                assertThat(none.asTensor().toFloatArray()).isEmpty();
            }
        }
    }

    @Test
    void invoke_resultThatIsAnArgument_hasMemoryOfItsOwn() {
        try (Loaded model = loaded("identity")) {
            Tensor x = Tensor.of(new float[] {1, 2}, 2);
            Value same = model.call(x);
            x.asFloatBuffer().put(0, 99);
            x.close();
            assertThat(floats(same)).containsExactly(1, 2);
        }
    }

    @Test
    void invoke_resultThatIsAWeight_hasMemoryOfItsOwn() {
        try (Loaded model = loaded("weight")) {
            for (int call = 0; call < 3; call++) {
                try (Value weight = model.call()) {
                    assertThat(weight.asTensor().toFloatArray()).containsExactly(1);
                    weight.asTensor().asFloatBuffer().put(0, 99);
                }
            }
        }
    }

    @Test
    void invoke_sameTensorTwiceInAResult_eachIsClosedOnItsOwn() {
        try (Loaded model = loaded("twice");
                Tensor x = Tensor.of(new float[] {1}, 1)) {
            Value twice = model.call(x);
            parts(twice).get(0).close();
            assertThat(floats(parts(twice).get(1))).containsExactly(2);
        }
    }

    @Test
    void invoke_resultsOutliveTheModel() {
        Value y;
        try (Loaded model = loaded("forward");
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            y = model.call(x);
        }
        assertThat(floats(y)).containsExactly(3, 5);
    }

    @Test
    void invoke_aModelThatFails_saysThatItDid() {
        try (Loaded model = loaded("fail");
                Tensor x = Tensor.of(new float[] {1}, 1)) {
            assertThatThrownBy(() -> model.call(x)).isInstanceOfSatisfying(EngineException.class, e -> {
                assertThat(e.kind()).isEqualTo(EngineException.Kind.EXECUTION);
                assertThat(e.reason()).isNotBlank();
            });
        }
    }

    @Test
    void invoke_sizesThatDoNotFit_failAndTheNextCallWorks() {
        try (Loaded model = loaded("add");
                Tensor two = Tensor.of(new float[] {1, 2}, 2);
                Tensor three = Tensor.of(new float[] {1, 2, 3}, 3)) {
            assertThatThrownBy(() -> model.call(two, three))
                    .isInstanceOfSatisfying(
                            EngineException.class, e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.EXECUTION));
            assertThat(floats(model.call(two, two))).containsExactly(2, 4);
        }
    }

    @Test
    void invoke_unknownMethod() {
        try (Loaded model = loaded("forward")) {
            assertThatThrownBy(() -> model.model().invoke("missing", List.of()))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_INPUT));
        }
    }

    @Test
    void invoke_fromManyThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (Loaded model = loaded("forward")) {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                float given = i;
                calls.add(() -> {
                    try (Tensor x = Tensor.of(new float[] {given, -given}, 2)) {
                        float[] got = floats(model.call(x));
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
        try (Loaded model = loaded("forward");
                Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 2);
                Tensor y = Tensor.allocate(DataType.FLOAT32, 1, 2)) {
            Memory read = x.acquire();
            Memory written = y.acquire();
            try (EngineSession session = model.model().prepare(model.method(), List.of(x), List.of(y))) {
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
        try (Loaded model = loaded("pair");
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                EngineSession session = model.model().prepare(model.method(), List.of(x), List.of())) {
            session.run();
            Tensor first = parts(session.result()).get(0).asTensor();
            assertThat(first.toFloatArray()).containsExactly(2, 3);
            x.asFloatBuffer().put(0, 10);
            session.run();
            assertThatThrownBy(first::toFloatArray).isInstanceOf(IllegalStateException.class);
            assertThat(parts(session.result()).get(1).asTensor().toFloatArray()).containsExactly(9, 1);
        }
    }

    @Test
    void session_withALargeResult() {
        try (Loaded model = loaded("fill");
                Value count = number(100_000);
                EngineSession session = model.model().prepare(model.method(), List.of(count), List.of())) {
            for (int i = 0; i < 3; i++) {
                session.run();
                assertThat(session.result().asTensor().toFloatArray()[99_999]).isEqualTo(99_999);
            }
        }
    }

    @Test
    void session_severalOutputs() {
        try (Loaded model = loaded("pair");
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor plus = Tensor.allocate(DataType.FLOAT32, 2);
                Tensor minus = Tensor.allocate(DataType.FLOAT32, 2);
                EngineSession session = model.model().prepare(model.method(), List.of(x), List.of(plus, minus))) {
            session.run();
            assertThat(plus.toFloatArray()).containsExactly(2, 3);
            assertThat(minus.toFloatArray()).containsExactly(0, 1);
        }
    }

    @Test
    void session_outputThatDoesNotFit_isRefusedAndNothingIsWritten() {
        try (Loaded model = loaded("forward");
                Tensor x = Tensor.of(new float[] {1, 2}, 2);
                Tensor small = Tensor.allocate(DataType.FLOAT32, 1);
                EngineSession session = model.model().prepare(model.method(), List.of(x), List.of(small))) {
            assertThatThrownBy(session::run).isInstanceOfSatisfying(EngineException.class, e -> {
                assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_INPUT);
                assertThat(e.reason()).contains("result 0").contains("[2]").contains("[1]");
            });
            assertThat(small.toFloatArray()).containsExactly(0);
        }
    }

    @Test
    void session_thatFails_canBeRunAgain() {
        try (Loaded model = loaded("fail");
                Tensor x = Tensor.of(new float[] {1}, 1);
                EngineSession session = model.model().prepare(model.method(), List.of(x), List.of())) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(session::run)
                        .isInstanceOfSatisfying(
                                EngineException.class,
                                e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.EXECUTION));
            }
        }
    }

    // ---- devices ----

    @Test
    void devices_beginWithTheCpu_andHaveWhatIsTested() {
        assertThat(engine().devices().get(0).device()).isEqualTo(Device.cpu());
        assertThat(engine().devices()).extracting(DeviceReport::device).contains(device());
        assertThat(engine().unavailable(Device.cpu())).isEmpty();
        assertThat(engine().unavailable(device())).isEmpty();
    }

    @Test
    void unavailable_saysWhatIsMissing() {
        assertThat(engine().unavailable(Device.cuda(4096)).orElseThrow()).isNotBlank();
    }

    @Test
    void load_putsAModelOnItsDevice() {
        try (Loaded model = loaded("forward")) {
            assertThat(model.model().device()).isEqualTo(device());
        }
    }

    @Test
    void start_thenAwait_isARun() {
        try (Loaded model = loaded("forward");
                Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 2);
                EngineSession session = model.model().prepare(model.method(), List.of(x), List.of())) {
            for (int i = 0; i < 10; i++) {
                x.asFloatBuffer().put(0, i).put(1, -i);
                session.start();
                session.await();
                assertThat(session.result().asTensor().toFloatArray()).containsExactly(2 * i + 1, -2 * i + 1);
            }
            session.run();
            assertThat(session.result().asTensor().toFloatArray()).containsExactly(19, -17);
        }
    }

    @Test
    void start_ofAnother_beforeTheWaitForOne() {
        try (Loaded model = loaded("forward");
                Tensor one = Tensor.of(new float[] {1}, 1);
                Tensor two = Tensor.of(new float[] {2}, 1);
                Tensor output = Tensor.allocate(DataType.FLOAT32, 1);
                EngineSession first = model.model().prepare(model.method(), List.of(one), List.of(output));
                EngineSession second = model.model().prepare(model.method(), List.of(two), List.of())) {
            first.start();
            second.start();
            first.await();
            assertThat(output.toFloatArray()).containsExactly(3);
            second.await();
            assertThat(second.result().asTensor().toFloatArray()).containsExactly(5);
        }
    }

    @Test
    void await_ofACallThatFails_leavesTheSessionAsItWas() {
        try (Loaded model = loaded("fail");
                Tensor x = Tensor.of(new float[] {1}, 1);
                EngineSession session = model.model().prepare(model.method(), List.of(x), List.of())) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> {
                            session.start();
                            session.await();
                        })
                        .isInstanceOfSatisfying(
                                EngineException.class,
                                e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.EXECUTION));
            }
        }
    }

    @Test
    void hostMemory_isZero_isReadByCalls_andOutlivesTheModel() {
        Tensor x;
        try (Loaded model = loaded("forward")) {
            x = Tensor.ofEngine(
                    DataType.FLOAT32, new long[] {1, 2}, model.model().hostMemory(2 * Float.BYTES));
            assertThat(x.toFloatArray()).containsExactly(0, 0);
            x.asFloatBuffer().put(1, 5);
            assertThat(floats(model.call(x))).containsExactly(1, 11);
            try (EngineSession session = model.model().prepare(model.method(), List.of(x), List.of())) {
                session.start();
                session.await();
                assertThat(session.result().asTensor().toFloatArray()).containsExactly(1, 11);
            }
        }
        assertThat(x.toFloatArray()).containsExactly(0, 5);
        x.close();
    }

    // ---- other ways to compute the same ----

    @Test
    void settle_endsTheChoice() {
        try (Loaded model = loaded("forward");
                Tensor x = Tensor.of(new float[] {1, 2}, 2)) {
            model.model().settle();
            assertThat(model.model().optimizations()).isEmpty();
            assertThat(floats(model.call(x))).containsExactly(3, 5);
        }
    }

    @Test
    void load_asIs_computesAsIs() {
        try (EngineModel model = engine().load(function("forward").source(), options(/* freeze= */ false))) {
            assertThat(model.optimization()).isEqualTo(Optimization.AS_IS);
            assertThat(model.optimizations()).isEmpty();
            assertThat(model.isStateful()).isFalse();
        }
    }
}
