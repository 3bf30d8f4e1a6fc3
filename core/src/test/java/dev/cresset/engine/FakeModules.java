package dev.cresset.engine;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The modules that {@link FakeEngine} knows by name. {@code contract} and {@code contract-state} are the modules of {@code
 * fixtures/python/scripted/contract.py}, in Java; a test may add its own.
 */
public final class FakeModules {

    private static final Map<String, Supplier<FakeModule>> MODULES = new ConcurrentHashMap<>();

    static {
        MODULES.put("contract", FakeModules::contract);
        MODULES.put("contract-state", FakeModules::contractState);
    }

    private FakeModules() {}

    /** Makes a module known under a name. */
    public static void put(String name, Supplier<FakeModule> module) {
        MODULES.put(name, module);
    }

    static FakeModule get(String name) {
        Supplier<FakeModule> module = MODULES.get(name);
        if (module == null) {
            throw new EngineException(EngineException.Kind.LOAD, "'" + name + "' is not a fake module");
        }
        return module.get();
    }

    private static FakeModule contract() {
        return plainContract().optimization(Optimization.FUSED, FakeModules::plainContract);
    }

    private static FakeModule plainContract() {
        return new FakeModule()
                .method("forward", "x: Tensor", "Tensor", a -> map(a.get(0).asTensor(), x -> 2 * x + 1))
                .method("add", "x: Tensor; y: Tensor; times: int = ...", "Tensor", a -> {
                    long times = a.size() == 3 ? a.get(2).asLong() : 1;
                    return zip(a.get(0).asTensor(), a.get(1).asTensor(), (x, y) -> x + y * times);
                })
                .method("identity", "x: Tensor", "Tensor", a -> map(a.get(0).asTensor(), x -> x))
                .method("weight", "", "Tensor", a -> Tensor.of(new float[] {1}, 1))
                .method(
                        "twice",
                        "x: Tensor",
                        "Tuple[Tensor, Tensor]",
                        a -> Value.tuple(
                                map(a.get(0).asTensor(), x -> x + 1),
                                map(a.get(0).asTensor(), x -> x + 1)))
                .method(
                        "pair",
                        "x: Tensor",
                        "Tuple[Tensor, Tensor]",
                        a -> Value.tuple(
                                map(a.get(0).asTensor(), x -> x + 1),
                                map(a.get(0).asTensor(), x -> x - 1)))
                .method("merge", "parts: Dict[str, Tensor]; order: List[str]", "List[Tensor]", a -> {
                    List<Value> merged = new ArrayList<>();
                    for (Value name : a.get(1).asList()) {
                        merged.add(map(a.get(0).asDict().get(name.asString()).asTensor(), x -> x));
                    }
                    return Value.list(merged);
                })
                .method(
                        "describe",
                        "name: str; count: int; share: float; good: bool; extra: Optional[Tensor]",
                        "str",
                        a -> Value.of(a.get(0).asString() + " " + a.get(1).asLong() + " "
                                + python(a.get(2).asDouble() > 0.5) + " "
                                + python(a.get(3).asBoolean())
                                + (a.get(4).isNone() ? " none" : " some")))
                .method("lengths", "words: List[str]", "Dict[str, int]", a -> {
                    Map<String, Value> lengths = new LinkedHashMap<>();
                    for (Value word : a.get(0).asList()) {
                        lengths.put(word.asString(), Value.of(word.asString().length()));
                    }
                    return Value.dict(lengths);
                })
                .method("nothing", "x: Tensor", "NoneType", a -> Value.none())
                .method("repeat", "word: str; times: int", "List[str]", a -> {
                    List<Value> words = new ArrayList<>();
                    for (long i = 0; i < a.get(1).asLong(); i++) {
                        words.add(a.get(0));
                    }
                    return Value.list(words);
                })
                .method("fill", "count: int", "Tensor", a -> {
                    float[] data = new float[(int) a.get(0).asLong()];
                    for (int i = 0; i < data.length; i++) {
                        data[i] = i;
                    }
                    return Tensor.of(data, data.length);
                })
                .method("fail", "x: Tensor", "Tensor", a -> {
                    throw new EngineException(
                            EngineException.Kind.EXECUTION,
                            "Traceback of TorchScript (most recent call last):\n    raise ValueError(\"asked to fail\")\n"
                                    + "builtins.ValueError: asked to fail");
                });
    }

    private static FakeModule contractState() {
        float[][] last = {{0}};
        return new FakeModule()
                .stateful()
                .method("forward", "x: Tensor", "Tensor", a -> {
                    float[] before = last[0];
                    last[0] = a.get(0).asTensor().toFloatArray();
                    float[] sum = last[0].clone();
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += before[before.length == 1 ? 0 : i];
                    }
                    return Tensor.of(sum, a.get(0).asTensor().shape());
                })
                .method("reset", "", "NoneType", a -> {
                    last[0] = new float[] {0};
                    return Value.none();
                });
    }

    private static String python(boolean value) {
        return value ? "True" : "False";
    }

    private interface Map1 {
        float of(float x);
    }

    private interface Map2 {
        float of(float x, float y);
    }

    private static Tensor map(Tensor x, Map1 function) {
        float[] data = x.toFloatArray();
        for (int i = 0; i < data.length; i++) {
            data[i] = function.of(data[i]);
        }
        return Tensor.of(data, x.shape());
    }

    private static Tensor zip(Tensor x, Tensor y, Map2 function) {
        float[] data = x.toFloatArray();
        float[] other = y.toFloatArray();
        if (data.length != other.length) {
            throw new EngineException(
                    EngineException.Kind.EXECUTION,
                    "RuntimeError: The size of tensor a (" + data.length + ") must match the size of tensor b ("
                            + other.length + ") at non-singleton dimension 0");
        }
        for (int i = 0; i < data.length; i++) {
            data[i] = function.of(data[i], other[i]);
        }
        return Tensor.of(data, x.shape());
    }
}
