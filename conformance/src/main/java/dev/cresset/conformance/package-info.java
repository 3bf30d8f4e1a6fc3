/**
 * Holds every engine and every way to compute to what PyTorch answered, on cases that {@code make.py} makes of PyTorch's own
 * databases of operators and modules.
 *
 * <p>A {@link Shard} is a file of {@link Case}s. A {@link Child} works through one, a {@link Trial} for each case and
 * {@link Way}, in a JVM of its own, and says before and after each what it is at; {@link Supervisor} listens, and starts
 * another child behind the trial that killed one. {@link Conformance} does this for all shards, keeps the {@link Results} and writes the {@link Report}.
 */
@NullMarked
package dev.cresset.conformance;

import org.jspecify.annotations.NullMarked;
