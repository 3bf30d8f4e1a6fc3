package dev.cresset.engine;

import dev.cresset.tensor.Value;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import java.util.Set;

/**
 * An engine under test, and where it finds the functions of {@code fixtures/python/scripted/contract.py}. What every engine has
 * to do is in {@link EngineContractTest}; what those have to do that say they can ({@link Engine#capabilities}) is in an interface for each
 * capability, which the engine's test implements: none more, none less.
 */
public interface EngineContract {

    /** What the tests of an interface need. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Of {
        /** What the engine says that it can. */
        Capability value();
    }

    Engine engine();

    /** Where the engine finds {@code contract} or {@code contract-state}. */
    ModelSource source(String module);

    /** Of one function of {@code contract}: the model that has it, and what it is called there. */
    default Function function(String name) {
        return new Function(source("contract"), name);
    }

    /**
     * A function of a model.
     *
     * @param source the model
     * @param method its name there
     */
    record Function(ModelSource source, String method) {}

    /** A whole number, as the engine's functions take it. */
    default Value number(long number) {
        return Value.of(number);
    }

    /** Where the models are to compute. */
    default Device device() {
        return Device.cpu();
    }

    default LoadOptions options(boolean freeze) {
        return new LoadOptions(1, freeze, Precision.AS_SAVED, List.of(), device());
    }

    default EngineModel load(String module) {
        return engine().load(source(module), options(/* freeze= */ true));
    }

    default Set<Optimization> optimizationsOf(String module) {
        try (EngineModel model = load(module)) {
            return Set.copyOf(model.optimizations());
        }
    }

    /** A loaded model of which one function is called. Closed by its user. */
    final class Loaded implements AutoCloseable {
        private final EngineModel model;
        private final String method;

        Loaded(EngineContract contract, Function function) {
            this.model = contract.engine().load(function.source(), contract.options(/* freeze= */ true));
            this.method = function.method();
        }

        EngineModel model() {
            return model;
        }

        String method() {
            return method;
        }

        Value call(Value... arguments) {
            return model.invoke(method, List.of(arguments));
        }

        @Override
        public void close() {
            model.close();
        }
    }

    static float[] floats(Value value) {
        try (value) {
            return value.asTensor().toFloatArray();
        }
    }

    /** The parts of a result that has several. */
    static List<Value> parts(Value value) {
        return value instanceof Value.DictValue dict
                ? List.copyOf(dict.entries().values())
                : value.asList();
    }
}
