/**
 * Models by name and version, updated while they serve: {@link dev.cresset.registry.ModelRegistry} opens, warms up and then
 * swaps, so that no request is lost; shares, canaries and followed folders on top.
 *
 * <p>What it opens it closes. Safe for use by several threads; what cannot be done is an {@link
 * dev.cresset.InferenceException} and changes nothing.
 */
@NullMarked
package dev.cresset.registry;

import org.jspecify.annotations.NullMarked;
