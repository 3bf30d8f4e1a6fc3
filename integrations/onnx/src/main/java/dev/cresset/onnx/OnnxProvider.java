package dev.cresset.onnx;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineProvider;
import dev.cresset.engine.ModelFormat;
import dev.cresset.engine.ModelSource;
import java.util.Set;

/** Offers the engine {@code onnx}. Found by {@link java.util.ServiceLoader}; safe for use by several threads. */
public final class OnnxProvider implements EngineProvider {

    /** Called by {@link java.util.ServiceLoader}. */
    public OnnxProvider() {}

    @Override
    public String name() {
        return OnnxEngine.NAME;
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Set<ModelFormat> formats() {
        return Set.of(ModelFormat.ONNX);
    }

    @Override
    public Set<String> filesBeside(ModelSource source) {
        return ExternalData.files(source);
    }

    /** Which platforms there are natives for only the jar knows: {@link #open} says. */
    @Override
    public boolean isSupported() {
        return true;
    }

    @Override
    public Engine open() {
        return OnnxEngine.instance();
    }
}
