/**
 * Tries a model in a JVM of its own before it comes near this one, and reports: opens, crashes, hangs, what it needs. {@link
 * dev.cresset.probe.ModelProbe} for programs, {@link dev.cresset.probe.Probe} for people.
 *
 * <p>The other JVM inherits no handles, has limits of memory and time, and ends with this one; nothing it leaves behind stays.
 */
@NullMarked
package dev.cresset.probe;

import org.jspecify.annotations.NullMarked;
