package dev.cresset.engine;

import java.util.Map;

/**
 * What one engine is told of one model, beside what core knows: each engine's module has a type of its own for it. Where a model is
 * opened by another engine, they have no effect.
 *
 * <p>Instances are immutable, safe for use by several threads.
 */
public interface EngineOptions {

    /** The engine that they are for, by its name. */
    String engine();

    /** The options as texts, by the names of the system properties that say the same for all models of a process. */
    Map<String, String> properties();
}
