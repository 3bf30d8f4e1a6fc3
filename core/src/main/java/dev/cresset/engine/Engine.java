package dev.cresset.engine;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What loads models: of each kind one a process, for as long as the process lives. Instances are safe for use by several threads.
 */
public interface Engine {

    /** The provider's name. */
    String name();

    /** What a bug report should say about the engine: versions, instruction sets, thread counts. */
    Map<String, String> facts();

    /** What its models may be able to do beside computing {@code forward} of tensors. */
    Set<Capability> capabilities();

    /**
     * Loads a model. The source is lent for as long as the module as it was saved may be asked for: until the model has settled,
     * is closed, or its opener is sure that it asks for other ways alone.
     *
     * @throws EngineException of kind {@code LOAD}, if the engine cannot make a model of this, or {@code OUT_OF_MEMORY}
     */
    EngineModel load(ModelSource source, LoadOptions options);

    /** A new one that resamples rows of pixels faster than Java does; empty where the engine has none. */
    default Optional<RowResampler> rowResampler() {
        return Optional.empty();
    }
}
