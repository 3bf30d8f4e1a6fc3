/**
 * What goes into a model and comes out: {@link dev.cresset.tensor.Tensor}, the other {@link dev.cresset.tensor.Value}s
 * of TorchScript, and the {@link dev.cresset.tensor.Signature} that says which a model takes.
 *
 * <ol>
 *   <li>Bytes of tensors are off-heap, dense, row-major and in native byte order. Nothing here knows an engine.
 *   <li>Whoever makes a tensor closes it. Use after close is an {@link java.lang.IllegalStateException}, never a crash:
 *       memory is given back only when no call and no view needs it.
 *   <li>{@code of} copies, {@code wrap} and {@code asX} share memory, {@code toX} makes new memory.
 *   <li>A value of the wrong kind or type is a {@link java.lang.ClassCastException}, a shape or buffer that does not fit an
 *       {@link java.lang.IllegalArgumentException}, both with what was expected and what was found.
 * </ol>
 */
@NullMarked
package dev.cresset.tensor;

import org.jspecify.annotations.NullMarked;
