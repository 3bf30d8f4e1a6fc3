/**
 * What is done with an archive that is there: find out its format and open it, read all of it, put it on disk. Whole
 * or not at all.
 *
 * <p>Not exported: programs use {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, which no
 * class here names.
 */
@NullMarked
package dev.cresset.mar.internal.reading;

import org.jspecify.annotations.NullMarked;
