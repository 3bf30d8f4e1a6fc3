/**
 * What the formats have in common: the open file, the files in it and their names, the streams that hold a content to
 * its size and checksum, and the sentences of refusal.
 *
 * <p>Knows no format. All else here builds on it; it builds on nothing but the public values. The innermost lock is
 * that of {@link dev.cresset.mar.internal.archive.ArchiveFile}, and no user's code runs under any.
 *
 * <p>Not exported: programs use {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, which no
 * class here names.
 */
@NullMarked
package dev.cresset.mar.internal.archive;

import org.jspecify.annotations.NullMarked;
