/** Tests of the JVM beside this one. */
@NullMarked
package dev.cresset.internal.probe;

import org.jspecify.annotations.NullMarked;
