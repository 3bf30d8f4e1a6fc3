/** A JVM beside this one: how it is started, watched and ended, and what is said of its end. Knows no models. */
@NullMarked
package dev.cresset.internal.probe;

import org.jspecify.annotations.NullMarked;
