package dev.cresset.torch;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineProvider;
import dev.cresset.torch.libraries.NativeLibraries;

/** Offers the bridge engine, {@code torch}. Found by {@link java.util.ServiceLoader}; safe for use by several threads. */
public final class BridgeProvider implements EngineProvider {

    /** Called by {@link java.util.ServiceLoader}. */
    public BridgeProvider() {}

    @Override
    public String name() {
        return BridgeEngine.NAME;
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public boolean isSupported() {
        return NativeLibraries.isBridgeSupported();
    }

    @Override
    public Engine open() {
        return BridgeEngine.instance();
    }
}
