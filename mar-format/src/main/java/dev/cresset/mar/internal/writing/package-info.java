/**
 * What becomes an archive: which files, under what names, with which handler; and where it goes. All is checked
 * before a byte is written, and what fails leaves nothing behind.
 *
 * <p>Not exported: programs use {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, which no
 * class here names.
 */
@NullMarked
package dev.cresset.mar.internal.writing;

import org.jspecify.annotations.NullMarked;
