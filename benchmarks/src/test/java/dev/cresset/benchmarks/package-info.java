/** Holds the benchmarks to their answers. */
@NullMarked
package dev.cresset.benchmarks;

import org.jspecify.annotations.NullMarked;
