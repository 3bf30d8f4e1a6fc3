/** Rows, batches and who runs them. */
@NullMarked
package dev.cresset.internal.batching;

import org.jspecify.annotations.NullMarked;
