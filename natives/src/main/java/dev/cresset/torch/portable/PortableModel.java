package dev.cresset.torch.portable;

import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.FunctionVector;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.StringVectorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A module in the presets' hands. Safe for use by several threads; see {@link EngineModel} for close. */
final class PortableModel implements EngineModel {

    private static final Pattern LINEAR = Pattern.compile("(%\\S+) : [^=\\n]*= aten::linear\\(");
    private static final Pattern NORM = Pattern.compile("= aten::batch_norm\\((%[^,]+),");
    private static final String FORWARD = "forward";

    private final PortablePointers kept;
    private final Map<String, PortableMethod> methods;
    private final Signature signature;
    private final boolean stateful;
    /** LibTorch's executor leaves the code as it is: it would compute beforehand, once for all calls, what is then written to. */
    private final boolean asWritten;

    private final int threads;
    private final Optimization optimization;

    /** Held during a call of a stateful module, until its result is copied: the state is one caller's at a time. */
    private final Lock turn = new ReentrantLock();

    private PortableModel(
            PortablePointers kept,
            Map<String, PortableMethod> methods,
            boolean stateful,
            boolean asWritten,
            int intraOpThreads,
            Optimization optimization) {
        this.optimization = optimization;
        this.kept = kept;
        this.methods = methods;
        this.stateful = stateful;
        this.asWritten = asWritten;
        this.threads = intraOpThreads;
        Map<String, Signature.Method> described = new LinkedHashMap<>();
        methods.forEach((name, method) -> described.put(name, method.signature()));
        this.signature = new Signature(described);
    }

    /** Makes a model of a module that was read in the current scope. */
    static PortableModel of(JitModule module, LoadOptions options) {
        module.eval();
        List<String> names = methodsOf(module);
        PortableEffects.Effects effects = PortableEffects.of(module, names);
        boolean stateful = effects.changesState();
        // LibTorch ends the process while it freezes a task that does not look at what it is given.
        boolean freeze = options.freeze() && !stateful && !effects.startsTasks() && !effects.writesConstants();
        JitModule frozen = freeze ? frozen(module, names) : null;
        PortablePointers kept = new PortablePointers();
        boolean complete = false;
        try {
            JitModule chosen = kept.keep(frozen == null ? module : frozen);
            Map<String, PortableMethod> methods = new LinkedHashMap<>();
            for (String name : names) {
                methods.put(name, PortableMethod.of(chosen, name, kept));
            }
            PortableModel model = new PortableModel(
                    kept,
                    methods,
                    stateful,
                    effects.writesConstants(),
                    Math.min(options.intraOpThreads(), Runtime.getRuntime().availableProcessors()),
                    frozen == null ? Optimization.AS_IS : Optimization.FROZEN);
            complete = true;
            return model;
        } finally {
            if (!complete) {
                kept.close();
            }
        }
    }

    /**
     * Nothing, if the module cannot be frozen: one without forward, one that returns itself. The plain module computes the
     * same.
     */
    private static @Nullable JitModule frozen(JitModule module, List<String> methods) {
        if (!methods.contains(FORWARD)) {
            return null;
        }
        // Freezing keeps forward alone unless told otherwise.
        StringVector others = new StringVector();
        methods.stream().filter(name -> !name.equals(FORWARD)).forEach(others::push_back);
        try {
            JitModule plain = torch.freeze(module, new StringVectorOptional(others), /* optimize_numerics= */ false);
            if (methods.stream().anyMatch(name -> hasNormBehindLinear(plain, name))) {
                return plain;
            }
            return torch.freeze(module, new StringVectorOptional(others), /* optimize_numerics= */ true);
        } catch (RuntimeException e) {
            return null;
        }
    }

    /**
     * LibTorch also folds a batch norm into a linear layer whose output somebody else reads, or has more than two dimensions,
     * where that makes other answers.
     */
    private static boolean hasNormBehindLinear(JitModule frozen, String method) {
        String graph = frozen.get_method(method).graph().toString();
        Set<String> linear =
                LINEAR.matcher(graph).results().map(found -> found.group(1)).collect(Collectors.toSet());
        return NORM.matcher(graph).results().anyMatch(found -> linear.contains(found.group(1)));
    }

    private static List<String> methodsOf(JitModule module) {
        FunctionVector functions = module.type().methods();
        List<String> names = new ArrayList<>();
        for (long i = 0; i < functions.size(); i++) {
            names.add(PortableText.read(functions.get(i).getSchema().name()));
        }
        return names;
    }

    @Override
    public Signature signature() {
        return signature;
    }

    @Override
    public boolean isStateful() {
        return stateful;
    }

    @Override
    public Optimization optimization() {
        return optimization;
    }

    @Override
    public Precision precision() {
        return Precision.AS_SAVED;
    }

    /** The presets' API reaches no other. */
    @Override
    public Set<Optimization> optimizations() {
        return Set.of();
    }

    @Override
    public EngineModel optimized(Optimization other) {
        throw new EngineException(EngineException.Kind.LOAD, "this engine computes a module in one way only");
    }

    @Override
    public void settle() {}

    @Override
    public Value invoke(String method, List<Value> arguments) {
        return call(method(method), arguments, PortableResults::read);
    }

    @Override
    public EngineSession prepare(String method, List<Value> arguments, List<Tensor> outputs) {
        return new PortableSession(this, method(method), List.copyOf(arguments), List.copyOf(outputs));
    }

    /** Runs a call, and lets a reader take what it wants from the result while that lives. */
    <T> T call(PortableMethod method, List<Value> arguments, Function<IValue, T> reader) {
        try {
            return PortablePointers.scoped(() -> {
                InferenceMode inference = new InferenceMode(true);
                try {
                    PortableThreads.give(threads);
                    return stateful ? inTurn(method, arguments, reader) : answer(method, arguments, reader);
                } finally {
                    inference.close();
                }
            });
        } finally {
            Reference.reachabilityFence(arguments);
        }
    }

    private <T> T inTurn(PortableMethod method, List<Value> arguments, Function<IValue, T> reader) {
        turn.lock();
        try {
            return answer(method, arguments, reader);
        } finally {
            turn.unlock();
        }
    }

    private <T> T answer(PortableMethod method, List<Value> arguments, Function<IValue, T> reader) {
        IValue result = asWritten ? asWritten(method, arguments) : method.call(arguments);
        PortableDepth.refuseTooDeep(result);
        return reader.apply(result);
    }

    /** The switch is the calling thread's. */
    private static IValue asWritten(PortableMethod method, List<Value> arguments) {
        torch.setGraphExecutorOptimize(false);
        try {
            return method.call(arguments);
        } finally {
            torch.setGraphExecutorOptimize(true);
        }
    }

    private PortableMethod method(String name) {
        PortableMethod method = methods.get(name);
        if (method == null) {
            throw PortableFailures.refused("the module has no method '" + name + "'");
        }
        return method;
    }

    @Override
    public void close() {
        kept.close();
    }
}
