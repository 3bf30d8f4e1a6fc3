package dev.cresset.engine;

import dev.cresset.internal.services.Services;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Offers an engine to {@link java.util.ServiceLoader}. Providers are cheap: nothing native is touched before {@link #open}.
 *
 * <p>Instances are safe for use by several threads.
 */
public interface EngineProvider {

    /** Those that there are, the best first, whether their engines can run here or not. */
    static List<EngineProvider> all() {
        return Services.all(EngineProvider.class).stream()
                .sorted(Comparator.comparingInt(EngineProvider::priority).reversed())
                .toList();
    }

    /** The name by which an engine is asked for: {@code torch}. */
    String name();

    /** Of the engines that can run here, the one with the highest priority is taken when none is asked for. */
    int priority();

    /** What the engine opens; two that open the same are each other's substitute, others live side by side. */
    default Set<ModelFormat> formats() {
        return Set.of(ModelFormat.PYTORCH);
    }

    /**
     * The files beside a model that its engine reads with it, such as ONNX's external data: as the model names them, from its
     * own folder on. Core sees to it that they are there and in that folder before any engine looks at the model, and puts them beside
     * it where the model comes out of an archive. Nothing native is touched.
     *
     * @throws EngineException of kind {@code LOAD}, if the model cannot be read
     */
    default Set<String> filesBeside(ModelSource source) {
        return Set.of();
    }

    /** Whether this platform is one that the engine can run on. */
    boolean isSupported();

    /**
     * The engine of this process: opened at the first call, the same ever after.
     *
     * @throws EngineException of kind {@code UNAVAILABLE}, if it cannot run here; the message says why and what would help
     */
    Engine open();
}
