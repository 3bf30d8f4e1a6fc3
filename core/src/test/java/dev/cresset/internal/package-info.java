/** Counting who is inside. */
@NullMarked
package dev.cresset.internal;

import org.jspecify.annotations.NullMarked;
