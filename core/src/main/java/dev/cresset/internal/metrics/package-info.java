/** What a predictor counts once somebody looks, and the events it tells the JVM. Not exported. */
@NullMarked
package dev.cresset.internal.metrics;

import org.jspecify.annotations.NullMarked;
