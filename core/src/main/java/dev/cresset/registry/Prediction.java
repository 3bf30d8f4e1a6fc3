package dev.cresset.registry;

/**
 * An answer, and which model gave it.
 *
 * <p>Immutable, and safe for use by several threads as far as the answer is.
 *
 * @param <O> what the caller asked for
 * @param value the answer
 * @param model the model's name
 * @param version the model's version: all of the answer is this version's
 * @param revision which archive, see {@link ModelVersion#revision}
 */
public record Prediction<O>(O value, String model, String version, long revision) {}
