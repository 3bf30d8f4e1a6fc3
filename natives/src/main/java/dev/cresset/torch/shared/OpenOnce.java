package dev.cresset.torch.shared;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens an engine at the first call, and remembers how that went: native libraries are not tried twice. Safe for use by
 * several threads, of which one opens and the others wait.
 */
public final class OpenOnce {

    private final Supplier<Engine> opener;
    private @Nullable Engine engine; // guarded by this
    private @Nullable EngineException failure; // guarded by this

    public OpenOnce(Supplier<Engine> opener) {
        this.opener = opener;
    }

    public synchronized Engine get() {
        if (failure != null) {
            throw new EngineException(failure.kind(), failure.reason(), failure);
        }
        Engine opened = engine;
        if (opened == null) {
            try {
                opened = opener.get();
            } catch (EngineException e) {
                failure = e;
                throw e;
            }
            engine = opened;
        }
        return opened;
    }
}
