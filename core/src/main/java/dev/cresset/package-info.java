/**
 * Runs PyTorch models inside a JVM. The way through, left to right: a {@link dev.cresset.mar.ModelArchive} is opened, a
 * {@link dev.cresset.Model} is loaded from it, a {@link dev.cresset.Predictor} turns requests into answers with a {@link
 * dev.cresset.Handler}.
 *
 * <ol>
 *   <li>What the user opens the user closes: archives, models, predictors, bound calls and result tensors. A model does
 *       not need its archive once it is open, a predictor not its model's.
 *   <li>Models and predictors may be shared by all threads. Close is idempotent, from any thread; it refuses new calls,
 *       waits for those that run, then frees.
 *   <li>What goes wrong is an {@link dev.cresset.InferenceException}, with the model's name, what was expected, what came,
 *       and what to do. The next valid call works. Use after close is a {@link dev.cresset.ClosedException}.
 *   <li>Everything is checked in Java before native code sees it; a model that is not {@linkplain dev.cresset.ModelOptions#isTrusted
 *       trusted} is looked through, too.
 *   <li>No class here knows LibTorch: an engine is found by {@link java.util.ServiceLoader} and does the native part.
 * </ol>
 */
@NullMarked
package dev.cresset;

import org.jspecify.annotations.NullMarked;
