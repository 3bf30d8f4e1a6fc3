/** Streams that are scored by real models on a real cluster of one process. */
@NullMarked
package dev.cresset.flink;

import org.jspecify.annotations.NullMarked;
