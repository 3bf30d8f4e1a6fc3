/**
 * Opens the model archives that {@code torch-model-archiver} writes for TorchServe ({@code .mar}) and reads what is in
 * them. Start at {@link dev.cresset.mar.ModelArchive#open(java.nio.file.Path) ModelArchive.open}.
 *
 * <p>What holds in this package:
 *
 * <ul>
 *   <li><b>An archive is hostile until checked.</b> {@code open} checks every name, size and header before it returns, and
 *       reading holds each entry to the size and the checksum it declared. The limits are one object,
 *       {@link dev.cresset.mar.ArchiveLimits}.
 *   <li><b>Nothing is unpacked.</b> Entries are read from the archive itself; this package writes no file, fetches no
 *       address, and runs nothing that an archive holds: no Python, no pip, no pickle.
 *   <li><b>TorchServe's meaning, our sentences.</b> A manifest means what TorchServe takes it to mean and is checked in
 *       TorchServe's order. What is unknown is kept and can be read.
 *   <li><b>One exception.</b> Whatever is wrong with an archive is an {@link dev.cresset.mar.ArchiveException}; use after
 *       close is an {@link java.lang.IllegalStateException}; nothing else comes out.
 *   <li><b>Pure Java.</b> No natives and no tensors. The libraries that parse zip and JSON appear in no public signature.
 * </ul>
 *
 * <p>Absent values are {@link java.util.Optional} or empty collections. A {@code ModelArchive} and its limits and manifest
 * are safe for use by several threads; a stream or a builder belongs to one thread at a time.
 */
@NullMarked
package dev.cresset.mar;

import org.jspecify.annotations.NullMarked;
