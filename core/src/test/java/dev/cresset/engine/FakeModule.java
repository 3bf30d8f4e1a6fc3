package dev.cresset.engine;

import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A module whose methods are Java functions: what {@link FakeEngine} loads. A new one is made for every load. */
public final class FakeModule {

    private final Map<String, Signature.Method> methods = new LinkedHashMap<>();
    private final Map<String, Function<List<Value>, Value>> bodies = new LinkedHashMap<>();
    private final Map<Optimization, Supplier<FakeModule>> optimizations = new EnumMap<>(Optimization.class);
    private @Nullable Supplier<FakeModule> reduced;
    private boolean stateful;
    private boolean mayNotEnd;
    private long weights = 1024;

    /** Declares a method: parameters as {@code name: Type}, with {@code = ...} at the end where there is a default. */
    public FakeModule method(String name, String parameters, String result, Function<List<Value>, Value> body) {
        List<Signature.Parameter> list = parameters.isEmpty()
                ? List.of()
                : List.of(parameters.split("; ")).stream()
                        .map(FakeModule::parameter)
                        .toList();
        methods.put(name, new Signature.Method(name, list, ValueType.parse(result)));
        bodies.put(name, body);
        return this;
    }

    /** Says that calls change the module. */
    public FakeModule stateful() {
        stateful = true;
        return this;
    }

    /** Says that there are numbers with which a call never ends. */
    public FakeModule mayNotEnd() {
        mayNotEnd = true;
        return this;
    }

    /** Says how much memory the weights take, where they are on a device. */
    public FakeModule weights(long bytes) {
        weights = bytes;
        return this;
    }

    long weights() {
        return weights;
    }

    boolean isEndless() {
        return mayNotEnd;
    }

    /** Says what computes the module in another way: this one, if nothing in it is computed otherwise. */
    public FakeModule optimization(Optimization optimization, Supplier<FakeModule> module) {
        optimizations.put(optimization, module);
        return this;
    }

    /** Says what computes the module in bfloat16. */
    public FakeModule bfloat16(Supplier<FakeModule> module) {
        reduced = module;
        return this;
    }

    FakeModule bfloat16() {
        if (reduced == null) {
            throw new EngineException(EngineException.Kind.LOAD, "this CPU has no instructions for bfloat16");
        }
        return reduced.get();
    }

    Set<Optimization> optimizations() {
        return Collections.unmodifiableSet(optimizations.keySet());
    }

    FakeModule optimized(Optimization optimization) {
        Supplier<FakeModule> module = optimizations.get(optimization);
        if (module == null) {
            throw new AssertionError(optimization + " was not offered");
        }
        return module.get();
    }

    boolean isStateful() {
        return stateful;
    }

    Signature signature() {
        return new Signature(methods);
    }

    /** Calls a method as the engine does. */
    public Value call(String method, List<Value> arguments) {
        Function<List<Value>, Value> body = bodies.get(method);
        if (body == null) {
            throw new EngineException(EngineException.Kind.INVALID_INPUT, "the module has no method '" + method + "'");
        }
        return body.apply(arguments);
    }

    private static Signature.Parameter parameter(String text) {
        boolean optional = text.endsWith(" = ...");
        String[] parts = text.replace(" = ...", "").split(": ", 2);
        return new Signature.Parameter(parts[0], ValueType.parse(parts[1]), optional);
    }
}
