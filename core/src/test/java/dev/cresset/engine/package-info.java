/** The engine contract as tests, and a strict engine in pure Java that keeps it. Every engine's tests extend these. */
@NullMarked
package dev.cresset.engine;

import org.jspecify.annotations.NullMarked;
