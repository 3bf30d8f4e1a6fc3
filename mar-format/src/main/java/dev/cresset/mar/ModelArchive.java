package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * An open TorchServe model archive: a zip of a model, its manifest, and the files beside it.
 *
 * <pre>{@code
 * try (ModelArchive archive = ModelArchive.open(Path.of("digits.mar"))) {
 *     String name = archive.manifest().model().modelName();
 *     byte[] labels = archive.read("index_to_name.json");
 * }
 * }</pre>
 *
 * <p>Reads what {@code torch-model-archiver} writes as {@code --archive-format default} (deflated) and {@code zip-store}
 * (stored), under any file name. When {@code open} returns, the manifest and all names, sizes and headers have been
 * checked; contents are checked as they are read. Nothing is unpacked to disk, and nothing the archive holds is run.
 *
 * <p>Who opens an archive closes it. It keeps one file open. {@code close} may be called twice and from any thread; after
 * it, what needs the file throws {@link IllegalStateException}, and a read that is under way finishes or throws it.
 * Manifest, names and sizes stay available.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class ModelArchive implements AutoCloseable {
    private static final int DIGEST_BUFFER = 1 << 16;

    private final Path path;
    private final Refusals refusals;
    private final ArchiveFile file;
    private final ZipContents contents;
    private final Manifest manifest;

    /** Computed when first asked for; two threads that ask at once compute the same. */
    private volatile Optional<String> sha256 = Optional.empty();

    private ModelArchive(Path path, Refusals refusals, ArchiveFile file, ZipContents contents, Manifest manifest) {
        this.path = path;
        this.refusals = refusals;
        this.file = file;
        this.contents = contents;
        this.manifest = manifest;
    }

    /**
     * Opens an archive under the default limits; the caller closes it.
     *
     * @throws ArchiveException when the file is missing, is no archive, or breaks a rule
     */
    public static ModelArchive open(Path path) throws IOException {
        return open(path, ArchiveLimits.defaults());
    }

    /**
     * Opens an archive; the caller closes it.
     *
     * @throws ArchiveException when the file is missing, is no archive, breaks a rule or exceeds a limit
     */
    public static ModelArchive open(Path path, ArchiveLimits limits) throws IOException {
        Objects.requireNonNull(limits, "limits");
        Refusals refusals = new Refusals(path);
        ArchiveFile file = ArchiveFile.open(path, refusals);
        boolean opened = false;
        try {
            FileKind.requireZip(file, refusals);
            ZipContents contents = ZipContents.of(file, limits, refusals);
            Manifest manifest = new ManifestReader(contents, limits, refusals).read();
            ModelArchive archive = new ModelArchive(path, refusals, file, contents, manifest);
            opened = true;
            return archive;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    /** Returns the path that was given to {@code open}. */
    public Path path() {
        return path;
    }

    /** Returns what the archive says about itself. */
    public Manifest manifest() {
        return manifest;
    }

    /** Returns the names of the files in the archive, in its own order, as an unmodifiable set. */
    public Set<String> entries() {
        return contents.names();
    }

    /**
     * Returns how many bytes an entry holds, uncompressed.
     *
     * @param entry one of {@link #entries()}
     * @throws ArchiveException when there is no such entry
     */
    public long size(String entry) throws IOException {
        return contents.size(entry);
    }

    /**
     * Reads an entry into a new array. One that may not fit an array is read with {@link #newInputStream}.
     *
     * @param entry one of {@link #entries()}
     * @throws ArchiveException when there is no such entry, it is too large for an array, or it is damaged
     * @throws IllegalStateException when the archive is closed
     */
    public byte[] read(String entry) throws IOException {
        requireOpen();
        return contents.read(entry);
    }

    /**
     * Opens a stream of an entry; the caller closes it.
     *
     * <p>The stream ends only if all it gave was right: a content that does not meet its declared size and checksum is
     * an {@link ArchiveException} from {@code read}. Until the end is seen, do not act on what was read. A stream is for
     * one thread at a time.
     *
     * @param entry one of {@link #entries()}
     * @throws ArchiveException when there is no such entry, or it is damaged
     * @throws IllegalStateException when the archive is closed
     */
    public InputStream newInputStream(String entry) throws IOException {
        requireOpen();
        return contents.open(entry);
    }

    /**
     * Returns the SHA-256 digest of the archive file, in lower-case hexadecimal digits. The first call reads the whole file.
     *
     * @throws ArchiveException when the file cannot be read
     * @throws IllegalStateException when the archive is closed
     */
    public String sha256() throws IOException {
        requireOpen();
        if (sha256.isEmpty()) {
            sha256 = Optional.of(digest());
        }
        return sha256.orElseThrow();
    }

    private String digest() throws ArchiveException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer buffer = ByteBuffer.allocate(DIGEST_BUFFER);
            for (long position = 0; file.read(position, buffer) >= 0; position += buffer.limit(), buffer.clear()) {
                digest.update(buffer.flip());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            requireOpen();
            throw refusals.archive(Rule.UNREADABLE, "cannot be read " + Refusals.reason(e), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private void requireOpen() {
        if (!file.isOpen()) {
            throw refusals.closed();
        }
    }

    /** Closes the file. Does nothing when it is closed. */
    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(refusals.archiveName() + ": cannot be closed", e);
        }
    }

    /** Returns the archive's file name with the model's name and version. */
    @Override
    public String toString() {
        ManifestModel model = manifest.model();
        return refusals.archiveName() + " (model " + Refusals.quoted(model.modelName()) + ", version "
                + Refusals.quoted(model.modelVersion()) + ")";
    }
}
