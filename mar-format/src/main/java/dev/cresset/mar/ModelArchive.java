package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.config.ConfigReader;
import dev.cresset.mar.internal.manifest.ManifestReader;
import dev.cresset.mar.internal.reading.AnyContents;
import dev.cresset.mar.internal.reading.Unpacker;
import dev.cresset.mar.internal.reading.Verifier;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * An open TorchServe model archive: a model, its manifest, and the files beside it.
 *
 * <pre>{@code
 * try (ModelArchive archive = ModelArchive.open(Path.of("digits.mar"))) {
 *     String name = archive.manifest().model().modelName();
 *     byte[] labels = archive.read("index_to_name.json");
 * }
 * }</pre>
 *
 * <p>Reads what {@code torch-model-archiver} writes in each {@link ArchiveFormat}: a zip, a gzipped tar, or a folder, told
 * by the content and not by the name. When {@code open} returns, the manifest, the settings and all names, sizes and headers
 * have been checked; contents are checked as they are read. Nothing is unpacked to disk unless asked for, and nothing the
 * archive holds is run.
 *
 * <p>Who opens an archive closes it. It keeps one file open, a folder none. {@code close} may be called twice and from any
 * thread; after it, what needs the file throws {@link IllegalStateException}, and a read that is under way finishes or
 * throws it. Manifest, settings, names and sizes stay available.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class ModelArchive implements AutoCloseable {
    private static final ProgressListener NO_LISTENER = (entry, done, total) -> {};

    private final Path path;
    private final Refusals refusals;
    private final Contents contents;
    private final Manifest manifest;
    private final ModelConfig config;

    /** Computed when first asked for; two threads that ask at once compute the same. */
    private volatile Optional<String> sha256 = Optional.empty();

    private ModelArchive(Path path, Refusals refusals, Contents contents, Manifest manifest, ModelConfig config) {
        this.path = path;
        this.refusals = refusals;
        this.contents = contents;
        this.manifest = manifest;
        this.config = config;
    }

    /**
     * Says whether a file or folder is an archive, and not a model alone, for example: by a manifest's folder in a folder or a zip,
     * or by gzip. Where that cannot be learned, of a damaged file for example, its name says it: {@code .mar}, {@code .tar.gz} or
     * {@code .tgz}. So what is one may still be refused by {@code open}.
     *
     * @throws java.nio.file.NoSuchFileException when there is no such file
     * @throws ArchiveException when it cannot be read
     */
    public static boolean isArchive(Path path) throws IOException {
        return AnyContents.isArchive(path, new Refusals(path));
    }

    /**
     * Opens an archive under the default limits; the caller closes it.
     *
     * @throws java.nio.file.NoSuchFileException when there is no such file
     * @throws ArchiveException when it cannot be read, is no archive, or breaks a rule
     */
    public static ModelArchive open(Path path) throws IOException {
        return open(path, ArchiveLimits.defaults());
    }

    /**
     * Opens an archive; the caller closes it.
     *
     * @throws java.nio.file.NoSuchFileException when there is no such file
     * @throws ArchiveException when it cannot be read, is no archive, breaks a rule or exceeds a limit
     */
    public static ModelArchive open(Path path, ArchiveLimits limits) throws IOException {
        Objects.requireNonNull(limits, "limits");
        Refusals refusals = new Refusals(path);
        Contents contents = AnyContents.open(path, limits, refusals);
        boolean opened = false;
        try {
            Manifest manifest = new Manifest(new ManifestReader(contents, limits, refusals).read());
            ModelConfig config = new ModelConfig(new ConfigReader(contents, limits, refusals)
                    .read(manifest.model().configFile()));
            ModelArchive archive = new ModelArchive(path, refusals, contents, manifest, config);
            opened = true;
            return archive;
        } finally {
            if (!opened) {
                contents.close();
            }
        }
    }

    /** Returns the path that was given to {@code open}. */
    public Path path() {
        return path;
    }

    /** Returns the file's name without its folders: what messages call the archive. */
    public String name() {
        return refusals.fileName();
    }

    /** Returns what the archive says about itself. */
    public Manifest manifest() {
        return manifest;
    }

    /** Returns the archive's settings; empty ones when it has none. */
    public ModelConfig config() {
        return config;
    }

    /** Returns what holds the files. */
    public ArchiveFormat format() {
        return contents.format();
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
     * <p>The stream gives its last byte only if all that it gave was right: a content that does not meet its declared size
     * and checksum is an {@link ArchiveException} from {@code read}. Until {@link #size} bytes were read, do not act on them.
     * A stream is for one thread at a time.
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
     * Writes an entry to a file, for what can only be loaded from one. The file appears whole or not at all.
     *
     * @param entry one of {@link #entries()}
     * @param file where to: a path that is free, in a folder that is there
     * @throws ArchiveException when there is no such entry, it is damaged, or the file cannot be written
     * @throws IllegalStateException when the archive is closed
     */
    public void extract(String entry, Path file) throws IOException {
        requireOpen();
        new Unpacker(contents, file, NO_LISTENER).extract(entry);
    }

    /**
     * Writes all entries into a new folder, which appears whole or not at all, without telling anybody how far it is.
     *
     * @param folder where to: a path that is free, in a folder that is there
     * @throws ArchiveException when the archive is damaged, or the folder cannot be written
     * @throws IllegalStateException when the archive is closed
     */
    public void unpack(Path folder) throws IOException {
        unpack(folder, NO_LISTENER);
    }

    /**
     * Writes all entries into a new folder, which then is an archive of the format {@link ArchiveFormat#NO_ARCHIVE}. It
     * appears whole or not at all, open to this user only where the system knows users.
     *
     * @param folder where to: a path that is free, in a folder that is there
     * @throws ArchiveException when the archive is damaged, or the folder cannot be written
     * @throws IllegalStateException when the archive is closed
     */
    public void unpack(Path folder, ProgressListener listener) throws IOException {
        Objects.requireNonNull(listener, "listener");
        requireOpen();
        new Unpacker(contents, folder, listener).unpack();
    }

    /**
     * Reads all entries to their ends, and so learns whether the archive is whole, without telling anybody how far it is.
     *
     * @throws ArchiveException when it is not
     * @throws IllegalStateException when the archive is closed
     */
    public void verify() throws IOException {
        verify(NO_LISTENER);
    }

    /**
     * Reads all entries to their ends, and so learns whether the archive is whole.
     *
     * @throws ArchiveException when it is not
     * @throws IllegalStateException when the archive is closed
     */
    public void verify(ProgressListener listener) throws IOException {
        Objects.requireNonNull(listener, "listener");
        requireOpen();
        new Verifier(contents, listener).verify();
    }

    /**
     * Returns the SHA-256 digest of the archive file, in lower-case hexadecimal digits. The first call reads the whole file.
     *
     * <p>A folder is digested file by file, in the order of the names: each name in UTF-8, a zero byte, the size as eight
     * bytes, highest first, the content.
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
            return contents.sha256();
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            requireOpen();
            throw refusals.archive(Rule.UNREADABLE, "cannot be read " + Refusals.reason(e), e);
        }
    }

    private void requireOpen() {
        if (!contents.isOpen()) {
            throw refusals.closed();
        }
    }

    /** Closes the file. Does nothing when it is closed. */
    @Override
    public void close() {
        try {
            contents.close();
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
