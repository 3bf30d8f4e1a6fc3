/**
 * Reads and writes zips. Every byte of a file has exactly one reading: headers must agree with the directory, entries
 * may not overlap or leave gaps, and what a zip cannot say for certain is refused; see the decision "016: zip and tar
 * are read by our own parsers".
 *
 * <p>Not exported: programs use {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, which no
 * class here names.
 */
@NullMarked
package dev.cresset.mar.internal.zip;

import org.jspecify.annotations.NullMarked;
