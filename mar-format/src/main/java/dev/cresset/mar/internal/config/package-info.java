/**
 * Reads {@code model-config.yaml} as TorchServe 0.12 does: its YAML has plain values only, and an error in a value is
 * a warning.
 *
 * <p>Not exported: programs use {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, which no
 * class here names.
 */
@NullMarked
package dev.cresset.mar.internal.config;

import org.jspecify.annotations.NullMarked;
