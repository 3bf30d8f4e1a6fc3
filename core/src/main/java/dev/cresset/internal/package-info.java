/**
 * What holds the public types together: leases, the one translation of engines' failures, and the JVM's end. The
 * rooms below this one have a purpose each. All of them may name the values of {@code dev.cresset} (handlers, options, plans,
 * exceptions), none the doors: {@code Model}, {@code Predictor}, {@code ModelRegistry}. Not exported.
 */
@NullMarked
package dev.cresset.internal;

import org.jspecify.annotations.NullMarked;
