/**
 * Reads gzipped tars by parsers of our own, and writes them by Commons Compress. Opening is one pass over all of it,
 * which checks every header; there is one reading of every byte, as with zips.
 *
 * <p>Not exported: programs use {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, which no
 * class here names.
 */
@NullMarked
package dev.cresset.mar.internal.tar;

import org.jspecify.annotations.NullMarked;
