/**
 * Java twins of TorchServe's built-in handlers, version 0.12: the same requests, the same answers.
 *
 * <ol>
 *   <li>What TorchServe computes is reproduced to the bit as far as it is arithmetic on pixels, and to the byte as far as it
 *       is text; the model in between is LibTorch's own.
 *   <li>Where TorchServe fails for no good reason (grey, palette and alpha images, models of fewer than five classes), the
 *       handlers answer as Pillow and torchvision would.
 *   <li>A request that cannot be read is an {@link dev.cresset.InvalidInputException}.
 *   <li>Handlers keep no state between calls and may be shared by all threads.
 * </ol>
 */
@NullMarked
package dev.cresset.handler;

import org.jspecify.annotations.NullMarked;
