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

    private static @Nullable OnnxEngine instance; // guarded by OnnxEngine.class
    private static @Nullable EngineException failure; // guarded by OnnxEngine.class

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

    /** The engine of this process; how opening it went is remembered, for native libraries are not tried twice. */
    static synchronized OnnxEngine instance() {
        if (failure != null) {
            throw new EngineException(failure.kind(), failure.reason(), failure);
        }
        OnnxEngine opened = instance;
        if (opened == null) {
            try {
                opened = new OnnxEngine();
                instance = opened;
            } catch (EngineException e) {
                failure = e;
                throw e;
            }
        }
        return opened;
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
        OrtSession.SessionOptions how = new OrtSession.SessionOptions();
        boolean success = false;
        try {
            settings.apply(how);
            threads.apply(how, options.intraOpThreads());
            EngineModel model = opened(source, how, settings);
            success = true;
            return model;
        } catch (OrtException e) {
            throw OnnxFailures.ofLoad(e);
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
