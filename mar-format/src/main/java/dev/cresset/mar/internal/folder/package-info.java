/**
 * Reads and writes archives that are folders, as {@code --archive-format no-archive} makes them. Links stay inside
 * the folder or are refused.
 *
 * <p>Not exported: programs use {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, which no
 * class here names.
 */
@NullMarked
package dev.cresset.mar.internal.folder;

import org.jspecify.annotations.NullMarked;
