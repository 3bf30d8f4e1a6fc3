/** Runs the examples. */
@NullMarked
package dev.cresset.examples;

import org.jspecify.annotations.NullMarked;
