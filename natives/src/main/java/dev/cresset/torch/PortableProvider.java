package dev.cresset.torch;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineProvider;
import dev.cresset.torch.libraries.NativeLibraries;
import dev.cresset.torch.portable.PortableEngine;

/**
 * Offers the portable engine, {@code torch-portable}, wherever the presets have LibTorch. Found by {@link
 * java.util.ServiceLoader}; safe for use by several threads.
 */
public final class PortableProvider implements EngineProvider {

    /** Called by {@link java.util.ServiceLoader}. */
    public PortableProvider() {}

    @Override
    public String name() {
        return PortableEngine.NAME;
    }

    @Override
    public int priority() {
        return 50;
    }

    @Override
    public boolean isSupported() {
        return PortableEngine.PLATFORMS.contains(NativeLibraries.platform());
    }

    @Override
    public Engine open() {
        return PortableEngine.instance();
    }
}
