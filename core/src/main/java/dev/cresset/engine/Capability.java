package dev.cresset.engine;

/**
 * What an engine's models may be able to do beside what every engine's can: compute {@code forward} of tensors. Core asks each
 * model ({@link EngineModel#signature}, {@link EngineModel#isStateful}, {@link EngineModel#optimizations}); this is for people, and for the tests that hold an
 * engine to what it says of itself.
 */
public enum Capability {
    /** A model has methods of its own beside {@code forward}, and arguments that may be left out. */
    METHODS,
    /** Numbers, truth values, texts and {@code None} are arguments and results. */
    SCALARS,
    /** Lists, tuples and dicts are arguments and results, nested in each other. */
    COLLECTIONS,
    /** A model may keep something from one call to the next. */
    STATE,
    /** A failure says which line of the model's own code failed. */
    TRACEBACKS,
    /** A model can be computed in other ways than as it was saved. */
    OPTIMIZATIONS
}
