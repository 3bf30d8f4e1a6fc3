/**
 * Opens the model archives that {@code torch-model-archiver} writes for TorchServe ({@code .mar}) and reads what is in
 * them, and writes such archives. Start at {@link dev.cresset.mar.ModelArchive#open(java.nio.file.Path) ModelArchive.open}
 * and {@link dev.cresset.mar.ModelArchiveWriter#builder ModelArchiveWriter.builder}.
 *
 * <p>What holds in this package:
 *
 * <ul>
 *   <li><b>An archive is hostile until checked.</b> {@code open} checks every name, size and header before it returns, and
 *       reading holds each entry to the size and the checksum it declared. The limits are one object,
 *       {@link dev.cresset.mar.ArchiveLimits}.
 *   <li><b>Nothing is unpacked unasked.</b> Entries are read from the archive itself. This package fetches no address, and
 *       runs nothing that an archive holds: no Python, no pip, no pickle.
 *   <li><b>Whole or not at all.</b> What is written, an archive or what is in one, is made beside its place and then moved
 *       there; a failure leaves nothing behind.
 *   <li><b>TorchServe's meaning, our sentences.</b> A manifest means what TorchServe takes it to mean and is checked in
 *       TorchServe's order. What is unknown is kept and can be read.
 *   <li><b>One exception.</b> Whatever is wrong with an archive, or with what is to become one, is an
 *       {@link dev.cresset.mar.ArchiveException}; use after close is an {@link java.lang.IllegalStateException}; nothing
 *       else comes out.
 *   <li><b>Pure Java.</b> No natives and no tensors. Zip and tar are read by parsers of our own; the libraries that
 *       parse JSON and YAML, and that write tars, appear in no public signature.
 * </ul>
 *
 * <p>How it is done is in {@code internal}, a package each for what the formats share, zip, tar, folders, the manifest, the
 * settings, reading and writing; none is exported, and none names {@code ModelArchive} or {@code ModelArchiveWriter}.
 *
 * <p>Absent values are {@link java.util.Optional} or empty collections. A {@code ModelArchive} and its limits and manifest
 * are safe for use by several threads; a stream or a builder belongs to one thread at a time.
 */
@NullMarked
package dev.cresset.mar;

import org.jspecify.annotations.NullMarked;
