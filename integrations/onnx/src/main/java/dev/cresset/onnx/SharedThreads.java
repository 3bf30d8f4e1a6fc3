package dev.cresset.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.cresset.engine.EngineException;

/**
 * The threads that ONNX Runtime computes on. It has one pool for all sessions if it is told so when it starts; a pool's size is
 * fixed from then on. So a model with one thread a call computes on its caller's, one with as many as the pool has takes the pool, and
 * one with another number has threads of its own.
 *
 * <p>Instances are immutable, safe for use by several threads.
 */
final class SharedThreads {

    private static final String NAME = "cresset";

    private final OrtEnvironment environment;

    /** Zero, if somebody else started ONNX Runtime, without a pool. */
    private final int count;

    private SharedThreads(OrtEnvironment environment, int count) {
        this.environment = environment;
        this.count = count;
    }

    static SharedThreads ofProcess() {
        int count = Integer.getInteger(
                OnnxSettings.SHARED_THREADS, Runtime.getRuntime().availableProcessors());
        try (OrtEnvironment.ThreadingOptions pool = new OrtEnvironment.ThreadingOptions()) {
            pool.setGlobalIntraOpNumThreads(Math.max(1, count));
            pool.setGlobalInterOpNumThreads(1);
            pool.setGlobalSpinControl(OnnxSettings.spins());
            OrtLoggingLevel level = OnnxSettings.logLevel();
            try {
                return new SharedThreads(OrtEnvironment.getEnvironment(level, NAME, pool), Math.max(1, count));
            } catch (IllegalStateException e) {
                return new SharedThreads(OrtEnvironment.getEnvironment(), 0); // the application's own
            }
        } catch (OrtException e) {
            throw new EngineException(EngineException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
        } catch (LinkageError | RuntimeException e) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "ONNX Runtime's native libraries cannot be loaded on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ": " + e,
                    e);
        }
    }

    OrtEnvironment environment() {
        return environment;
    }

    void apply(OrtSession.SessionOptions options, int wanted) throws OrtException {
        options.setInterOpNumThreads(1);
        if (count > 1 && wanted >= count) {
            options.disablePerSessionThreads();
        } else {
            options.setIntraOpNumThreads(wanted);
        }
    }

    @Override
    public String toString() {
        return count == 0 ? "no shared ones: the application started ONNX Runtime" : count + " shared by all models";
    }
}
