/** Tests of tensors and values. */
@NullMarked
package dev.cresset.tensor;

import org.jspecify.annotations.NullMarked;
