package dev.cresset.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.cresset.engine.Capability;
import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineModel;
import dev.cresset.engine.LoadOptions;
import dev.cresset.engine.ModelSource;
import dev.cresset.engine.Precision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime through its own Java API. One a process; safe for use by several threads. */
final class OnnxEngine implements Engine {

    static final String NAME = "onnx";

    private static final System.Logger LOG = System.getLogger("dev.cresset");
    private static final String WHILE_OPTIMIZING = "Exception during initialization";

    private static final Opening OPENING = new Opening();

    private final OrtEnvironment environment;
    private final SharedThreads threads;
    private final Map<String, String> facts;

    private OnnxEngine() {
        this.threads = SharedThreads.ofProcess();
        this.environment = threads.environment();
        Map<String, String> found = new LinkedHashMap<>();
        found.put("ONNX Runtime", environment.getVersion());
        found.put("execution providers", String.valueOf(OrtEnvironment.getAvailableProviders()));
        found.put("threads", threads.toString());
        this.facts = Collections.unmodifiableMap(found);
    }

    /** The engine of this process. */
    static OnnxEngine instance() {
        return OPENING.engine();
    }

    /** Opens the engine at the first call, and remembers how that went: native libraries are not tried twice. */
    private static final class Opening {
        private @Nullable OnnxEngine engine; // guarded by this
        private @Nullable EngineException failure; // guarded by this

        synchronized OnnxEngine engine() {
            if (failure != null) {
                throw new EngineException(failure.kind(), failure.reason(), failure);
            }
            OnnxEngine opened = engine;
            if (opened == null) {
                try {
                    opened = new OnnxEngine();
                } catch (EngineException e) {
                    failure = e;
                    throw e;
                }
                engine = opened;
            }
            return opened;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, String> facts() {
        return facts;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of();
    }

    @Override
    public EngineModel load(ModelSource source, LoadOptions options) {
        if (options.precision() != Precision.AS_SAVED) {
            throw new EngineException(
                    EngineException.Kind.LOAD,
                    "ONNX Runtime computes in the numbers that a model was saved with; convert it to other ones"
                            + " before it is saved");
        }
        OnnxSettings settings = new OnnxSettings(options.engineProperties(NAME));
        try {
            return load(source, options, settings);
        } catch (OrtException e) {
            if (settings.saysHowToOptimize() || !String.valueOf(e.getMessage()).contains(WHILE_OPTIMIZING)) {
                throw OnnxFailures.ofLoad(e);
            }
            return unoptimized(source, options, settings, e);
        }
    }

    /** There are graphs that ONNX Runtime fails to rewrite, and computes as they are. */
    private EngineModel unoptimized(
            ModelSource source, LoadOptions options, OnnxSettings settings, OrtException failure) {
        EngineModel model;
        try {
            model = load(source, options, settings.unoptimized());
        } catch (OrtException e) {
            throw OnnxFailures.ofLoad(failure);
        }
        LOG.log(
                System.Logger.Level.WARNING,
                () -> source.name() + ": ONNX Runtime cannot optimise its graph, which is computed as it was saved: "
                        + failure.getMessage());
        return model;
    }

    private EngineModel load(ModelSource source, LoadOptions options, OnnxSettings settings) throws OrtException {
        OrtSession.SessionOptions how = new OrtSession.SessionOptions();
        boolean success = false;
        try {
            settings.apply(how);
            threads.apply(how, options.intraOpThreads());
            EngineModel model = opened(source, how, settings);
            success = true;
            return model;
        } finally {
            if (!success) {
                how.close();
            }
        }
    }

    private EngineModel opened(ModelSource source, OrtSession.SessionOptions how, OnnxSettings settings)
            throws OrtException {
        OrtSession session;
        if (source instanceof ModelSource.InFile file) {
            session = environment.createSession(file.path().toAbsolutePath().toString(), how);
        } else if (source instanceof ModelSource.InMemory memory) {
            session = environment.createSession(memory.bytes().slice(), how);
        } else {
            throw new EngineException(EngineException.Kind.LOAD, "it is no model of ONNX");
        }
        boolean success = false;
        try {
            OnnxModel model = new OnnxModel(environment, how, session, settings.profiles());
            success = true;
            return model;
        } finally {
            if (!success) {
                session.close();
            }
        }
    }
}
