/**
 * ONNX Runtime behind the engine seam: models in the format ONNX open and answer as those of PyTorch do.
 *
 * <ol>
 *   <li>{@code ai.onnxruntime} is known here and nowhere else, and no exception of its leaves this package.
 *   <li>A model's file is read here first, without anything native, for the files that it names.
 *   <li>ONNX Runtime reads arguments where they are and writes results where their reader wants them; what is copied is what its
 *       Java API hands out no other way: text, sequences, maps, and a result whose size nobody knew before.
 * </ol>
 */
@NullMarked
package dev.cresset.onnx;

import org.jspecify.annotations.NullMarked;
