package dev.cresset.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model in ONNX Runtime's hands. Safe for use by several threads; see {@link EngineModel} for close. */
final class OnnxModel implements EngineModel {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private final OrtEnvironment environment;
    private final OrtSession.SessionOptions options;
    private final OrtSession session;
    private final boolean profiles;
    private final List<NodeInfo> inputs;
    private final List<NodeInfo> outputs;
    private final List<String> names;
    private final Signature signature;
    private final ResultSizes sizes;

    /** Takes session and options over, unless it throws. */
    OnnxModel(OrtEnvironment environment, OrtSession.SessionOptions options, OrtSession session, boolean profiles)
            throws OrtException {
        this.environment = environment;
        this.options = options;
        this.session = session;
        this.profiles = profiles;
        this.inputs = List.copyOf(session.getInputInfo().values());
        this.outputs = List.copyOf(session.getOutputInfo().values());
        this.names = outputs.stream().map(NodeInfo::getName).toList();
        this.signature = OnnxTypes.signature(inputs, outputs);
        this.sizes = new ResultSizes(outputs);
    }

    OrtEnvironment environment() {
        return environment;
    }

    List<NodeInfo> outputs() {
        return outputs;
    }

    List<String> names() {
        return names;
    }

    ResultSizes sizes() {
        return sizes;
    }

    @Override
    public Signature signature() {
        return signature;
    }

    @Override
    public boolean isStateful() {
        return false;
    }

    @Override
    public Optimization optimization() {
        return Optimization.AS_IS;
    }

    @Override
    public Precision precision() {
        return Precision.AS_SAVED;
    }

    /** What ONNX Runtime makes of a graph it does before the first call, and as its own options say. */
    @Override
    public Set<Optimization> optimizations() {
        return Set.of();
    }

    @Override
    public EngineModel optimized(Optimization other) {
        throw new EngineException(EngineException.Kind.LOAD, "this engine computes a model in one way only");
    }

    @Override
    public void settle() {}

    @Override
    public Value invoke(String method, List<Value> arguments) {
        try (OnnxArguments given = arguments(method, arguments)) {
            long[] key = given.sizes();
            List<Tensor> expected = sizes.allocate(key);
            if (!expected.isEmpty() && hasWritten(given, expected)) {
                return OnnxResults.joined(names, expected);
            }
            List<Value> values = run(given.tensors());
            if (!expected.isEmpty()) {
                sizes.vary(); // it was their fault, not the arguments'
            }
            sizes.learn(key, values);
            return OnnxResults.joined(names, values);
        }
    }

    /** Whether it wrote into these; if not, they are closed. */
    private boolean hasWritten(OnnxArguments given, List<Tensor> expected) {
        boolean success = false;
        try (Pinned pinned = new Pinned(environment, names, expected)) {
            success = hasRun(given.tensors(), pinned.tensors());
            return success;
        } catch (OrtException e) {
            throw OnnxFailures.ofCall(e);
        } finally {
            if (!success) {
                expected.forEach(Value::close);
            }
        }
    }

    OnnxArguments arguments(String method, List<Value> arguments) {
        if (!method.equals(OnnxTypes.FORWARD)) {
            throw OnnxFailures.refused("a model of ONNX has no method '" + method + "', only forward");
        }
        return OnnxArguments.of(environment, inputs, arguments);
    }

    /** Into memory of ONNX Runtime's, and from there into ours. */
    List<Value> run(Map<String, OnnxTensor> given) {
        try (OrtSession.Result result = session.run(given)) {
            return OnnxResults.read(names, result);
        } catch (OrtException e) {
            throw OnnxFailures.ofCall(e);
        }
    }

    /**
     * Hot path: into memory of ours. False if it failed: for a result of another size perhaps, of which ONNX Runtime writes
     * nothing. {@link #run} then gives that result, or says what else is wrong.
     */
    boolean hasRun(Map<String, OnnxTensor> given, Map<String, ? extends OnnxValue> results) {
        try {
            session.run(given, results).close();
            return true;
        } catch (OrtException e) {
            return false;
        }
    }

    @Override
    public EngineSession prepare(String method, List<Value> arguments, List<Tensor> bound) {
        OnnxArguments given = arguments(method, arguments);
        boolean success = false;
        try {
            EngineSession prepared =
                    bound.isEmpty() ? new LendingSession(this, given) : new BoundSession(this, given, bound);
            success = true;
            return prepared;
        } finally {
            if (!success) {
                given.close();
            }
        }
    }

    @Override
    public void close() {
        try {
            if (profiles) {
                String file = session.endProfiling();
                LOG.log(System.Logger.Level.INFO, () -> "ONNX Runtime's profile is in " + file);
            }
            session.close();
        } catch (OrtException e) {
            LOG.log(System.Logger.Level.WARNING, "a session of ONNX Runtime did not close", e);
        } finally {
            options.close();
        }
    }
}
