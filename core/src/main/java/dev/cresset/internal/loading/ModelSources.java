package dev.cresset.internal.loading;

import static java.util.Objects.requireNonNullElse;

import dev.cresset.ModelLoadException;
import dev.cresset.engine.ModelFormat;
import dev.cresset.engine.ModelSource;
import dev.cresset.internal.trust.SavedZip;
import dev.cresset.internal.trust.SoundStorages;
import dev.cresset.internal.trust.UntrustedModel;
import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ModelArchive;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;

/** Gets a model's bytes out of where they are. */
public final class ModelSources {
    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /**
     * Larger models are unpacked to a file while they load: memory outside the heap is bounded by the heap's size unless told
     * otherwise, and is given back only when the garbage collector comes by.
     */
    private static final int MOST_IN_MEMORY = 16 << 20;

    /** What a model is called while it is unpacked. */
    private static final String FILE = "cresset-model";

    private ModelSources() {}

    /** How large a model is: little more than its weights. Zero if nobody can tell. */
    static long bytes(ModelSource source) {
        try {
            if (source instanceof ModelSource.InMemory memory) {
                return memory.bytes().remaining();
            }
            Path file = source instanceof ModelSource.InFile whole
                    ? whole.path()
                    : ((ModelSource.Exported) source).archive().path();
            return Files.size(file);
        } catch (IOException e) {
            return 0; // then loading it says why
        }
    }

    /**
     * What a file begins as.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if it cannot be read
     */
    public static ModelFormat format(Path path) throws IOException {
        requireFile(path);
        try (InputStream in = Files.newInputStream(path)) {
            return ModelFormat.of(ByteBuffer.wrap(in.readNBytes(ModelFormat.HEAD)), Files.size(path));
        }
    }

    private static void requireFile(Path path) throws IOException {
        if (String.valueOf(path.getFileName()).endsWith(".mar")) {
            throw new ModelLoadException("cannot load " + path.getFileName()
                    + ": it is a model archive, which ModelArchive.open opens; give that to Model or Predictor");
        }
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toAbsolutePath().toString(), null, "there is no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw new FileSystemException(path.toAbsolutePath().toString(), null, "it is not a file");
        }
    }

    /** A file, once it has been found whole, and if need be harmless. */
    public static Lent of(Path path, ModelFormat format, boolean trusted) throws IOException {
        String name = String.valueOf(path.getFileName());
        try {
            Lent lent = isText(path)
                    ? new Lent(new ModelSource.InFile(name, path), Optional.empty(), Optional.empty())
                    : unpacked(name, file -> nameAgain(path, file));
            return format == ModelFormat.PYTORCH ? checked(lent, trusted) : withFilesBeside(lent, format, path);
        } catch (FileSystemException e) {
            throw e; // the file's, not its content's
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private static ModelLoadException unreadable(String name, IOException e) {
        return new ModelLoadException("cannot load " + name + ": it cannot be read: " + e, e);
    }

    private static Lent withFilesBeside(Lent lent, ModelFormat format, Path path) throws IOException {
        boolean success = false;
        try {
            FilesBeside files = FilesBeside.of(format, lent.source());
            files.require(file -> Files.isRegularFile(path.resolveSibling(file)), "beside it");
            if (lent.unpacked().isPresent()) {
                files.place(lent.unpacked().get(), (file, target) -> nameAgain(path.resolveSibling(file), target));
            }
            success = true;
            return lent;
        } finally {
            if (!success) {
                lent.close();
            }
        }
    }

    /**
     * Whether a text leads to the file, as engines need it, who open files by UTF-8. It does not where the locale's characters
     * do not include those of a name ({@code LC_ALL=C}), and in file systems that only Java knows.
     */
    private static boolean isText(Path path) {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            return false;
        }
        String text = path.toAbsolutePath().toString();
        if (File.separatorChar == '\\' || text.chars().allMatch(c -> c < 128)) {
            return true;
        }
        try {
            String names = System.getProperty("sun.jnu.encoding", "");
            return names.equalsIgnoreCase("UTF-8") && Path.of(text).equals(path.toAbsolutePath());
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static void nameAgain(Path path, Path file) throws IOException {
        if (path.getFileSystem().equals(FileSystems.getDefault())) {
            Files.createSymbolicLink(file, path.toAbsolutePath());
        } else {
            Files.copy(path, file);
        }
    }

    private static Lent checked(Lent lent, boolean trusted) throws IOException {
        boolean success = false;
        try {
            String name = lent.source().name();
            ExportedEntries reader = new ExportedEntries(
                    new SoundStorages(name, trusted ? SavedZip.Reader.NONE : new UntrustedModel(name)));
            Optional<String> fingerprint = lent.source() instanceof ModelSource.InFile file
                    ? SavedZip.check(file.name(), file.path(), reader)
                    : lent.source() instanceof ModelSource.InMemory memory
                            ? SavedZip.check(memory.name(), memory.bytes(), reader)
                            : Optional.empty();
            Lent checked = new Lent(lent.source(), lent.unpacked(), fingerprint);
            Lent ready = reader.hasPrograms() ? exported(checked, trusted) : checked;
            success = true;
            return ready;
        } finally {
            if (!success) {
                lent.close();
            }
        }
    }

    private static Lent exported(Lent lent, boolean trusted) throws IOException {
        if (lent.source() instanceof ModelSource.InFile file) {
            return new Lent(
                    ExportedPrograms.open(file.name(), file.path(), trusted), lent.unpacked(), lent.fingerprint());
        }
        ModelSource.InMemory memory = (ModelSource.InMemory) lent.source();
        Lent onDisk = unpacked(memory.name(), file -> write(memory, file));
        boolean success = false;
        try {
            Lent exported = exported(new Lent(onDisk.source(), onDisk.unpacked(), lent.fingerprint()), trusted);
            success = true;
            return exported;
        } finally {
            if (!success) {
                onDisk.close();
            }
        }
    }

    private static void write(ModelSource.InMemory memory, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (ByteBuffer bytes = memory.bytes().duplicate(); bytes.hasRemaining(); ) {
                channel.write(bytes);
            }
        }
    }

    public static String sha256(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * A source, and the files that were unpacked for it, which closing deletes.
     *
     * @param source what to load
     * @param unpacked the folder of those files; empty if there are none
     * @param fingerprint what tells its module from any other; empty if only all its bytes do
     */
    public record Lent(ModelSource source, Optional<Path> unpacked, Optional<String> fingerprint)
            implements AutoCloseable {
        @Override
        public void close() {
            if (source instanceof ModelSource.Exported exported) {
                exported.archive().close();
            }
            try {
                if (unpacked.isPresent()) {
                    delete(unpacked.get());
                }
            } catch (IOException | UncheckedIOException e) {
                // No reason to do without the model.
                LOG.log(System.Logger.Level.WARNING, () -> "cannot delete " + unpacked + ": " + e.getMessage());
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** What an archive's model begins as; throws if it has none. */
    public static ModelFormat format(ModelArchive archive) throws IOException {
        String entry = entry(archive.name(), archive);
        try (InputStream in = archive.newInputStream(entry)) {
            return ModelFormat.of(ByteBuffer.wrap(in.readNBytes(ModelFormat.HEAD)), archive.size(entry));
        }
    }

    public static Lent of(ModelArchive archive, ModelFormat format, boolean trusted) throws IOException {
        String name = archive.name();
        String entry = entry(name, archive);
        long size = archive.size(entry);
        if (size == 0) {
            throw new ModelLoadException("cannot load " + name + ": its model '" + entry + "' is an empty file");
        }
        Lent lent = size > MOST_IN_MEMORY
                ? unpacked(name, file -> archive.extract(entry, file))
                : new Lent(inMemory(name, archive, entry, (int) size), Optional.empty(), Optional.empty());
        return format == ModelFormat.PYTORCH ? checked(lent, trusted) : withFilesBeside(lent, format, archive, entry);
    }

    private static Lent withFilesBeside(Lent lent, ModelFormat format, ModelArchive archive, String entry)
            throws IOException {
        boolean success = false;
        try {
            FilesBeside files = FilesBeside.of(format, lent.source());
            String folder = entry.substring(0, entry.lastIndexOf('/') + 1);
            files.require(
                    file -> archive.entries().contains(folder + file),
                    "in the archive; give it to mar pack or torch-model-archiver by --extra-files");
            if (files.isNone()) {
                success = true;
                return lent;
            }
            Lent placed = placed(lent, files, archive, folder);
            success = true;
            return placed;
        } finally {
            if (!success) {
                lent.close();
            }
        }
    }

    private static Lent placed(Lent lent, FilesBeside files, ModelArchive archive, String folder) throws IOException {
        Lent onDisk = lent.source() instanceof ModelSource.InMemory memory
                ? unpacked(memory.name(), target -> write(memory, target))
                : lent;
        boolean success = false;
        try {
            files.place(onDisk.unpacked().orElseThrow(), (name, target) -> archive.extract(folder + name, target));
            success = true;
            return onDisk;
        } finally {
            if (!success) {
                onDisk.close();
            }
        }
    }

    private interface Unpacking {
        void to(Path file) throws IOException;
    }

    private static Lent unpacked(String name, Unpacking unpacking) throws IOException {
        Path folder = temporary(name);
        Lent lent = new Lent(new ModelSource.InFile(name, folder.resolve(FILE)), Optional.of(folder), Optional.empty());
        boolean success = false;
        try {
            unpacking.to(folder.resolve(FILE));
            success = true;
            return lent;
        } catch (ArchiveException e) {
            if (e.rule() == ArchiveException.Rule.TARGET) {
                throw noPlace(name, requireNonNullElse(e.getCause(), e));
            }
            throw e;
        } finally {
            if (!success) {
                lent.close();
            }
        }
    }

    private static Path temporary(String name) {
        try {
            return Files.createTempDirectory("cresset");
        } catch (IOException e) {
            throw noPlace(name, e);
        }
    }

    private static ModelLoadException noPlace(String name, Throwable cause) {
        return new ModelLoadException(
                "cannot load " + name + ": its model is unpacked to a file while it opens, and "
                        + System.getProperty("java.io.tmpdir") + " does not take it (" + cause
                        + "); -Djava.io.tmpdir=DIR names a folder that can be written to and has room for it",
                cause);
    }

    private static ModelSource inMemory(String name, ModelArchive archive, String entry, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(size);
        try (InputStream in = archive.newInputStream(entry);
                ReadableByteChannel channel = Channels.newChannel(in)) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new EOFException(
                            name + ": entry '" + entry + "' ends after " + bytes.position() + " of " + size + " bytes");
                }
            }
        }
        return new ModelSource.InMemory(name, bytes.flip());
    }

    private static String entry(String name, ModelArchive archive) {
        Optional<String> modelFile = archive.manifest().model().modelFile();
        if (modelFile.isPresent()) {
            throw new ModelLoadException(
                    "cannot load " + name + ": it holds an eager model, whose source '" + modelFile.get()
                            + "' (modelFile) only Python can run; save torch.jit.script(model) or torch.jit.trace(...) and"
                            + " archive that as the serialized file");
        }
        return archive.manifest()
                .model()
                .serializedFile()
                .orElseThrow(() -> new ModelLoadException("cannot load " + name
                        + ": its manifest names no model (serializedFile); the archive holds " + archive.entries()));
    }
}
