package dev.cresset.internal.image;

import dev.cresset.engine.Engine;
import dev.cresset.engine.RowResampler;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who resamples rows of pixels in this process: the engine that was opened first among those that can. Handlers ask here, for
 * they are made before they know which engine will run their model. Safe for use by several threads.
 */
public final class RowResamplers {

    private static volatile @Nullable Engine able;

    private RowResamplers() {}

    /** Remembers an engine that has been opened. */
    public static void offer(Engine engine) {
        if (able == null && engine.rowResampler().isPresent()) {
            able = engine;
        }
    }

    /** One of the engine's, or another where there is none. */
    public static RowResampler open(Supplier<? extends RowResampler> otherwise) {
        Engine engine = able;
        return engine == null ? otherwise.get() : engine.rowResampler().orElseGet(otherwise);
    }
}
