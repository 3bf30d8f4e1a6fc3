/** Tests of the text handlers, against what transformers and TorchServe answered. */
@NullMarked
package dev.cresset.text;

import org.jspecify.annotations.NullMarked;
