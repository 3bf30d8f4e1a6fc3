/** Tests of the LibTorch engines. */
@NullMarked
package dev.cresset.torch;

import org.jspecify.annotations.NullMarked;
