/**
 * Reads and writes {@code MAR-INF/MANIFEST.json}: as lenient as TorchServe about its text, and as strict about what
 * it says, in TorchServe's order.
 *
 * <p>Not exported: programs use {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, which no
 * class here names.
 */
@NullMarked
package dev.cresset.mar.internal.manifest;

import org.jspecify.annotations.NullMarked;
