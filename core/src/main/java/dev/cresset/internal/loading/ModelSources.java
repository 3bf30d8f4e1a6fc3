package dev.cresset.internal.loading;

import dev.cresset.ModelLoadException;
import dev.cresset.engine.ModelFormat;
import dev.cresset.engine.ModelSource;
import dev.cresset.internal.trust.StorageBoundsCheck;
import dev.cresset.internal.trust.TorchZip;
import dev.cresset.internal.trust.UntrustedModel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Gets a model's bytes from a file, and holds them to what they must be: whole, and if nobody vouches for them harmless. */
public final class ModelSources {

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
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toAbsolutePath().toString(), null, "there is no such file");
        }
        if (String.valueOf(path.getFileName()).endsWith(".mar")) {
            throw new ModelLoadException("cannot load " + path.getFileName()
                    + ": it is a model archive, which ModelArchive.open opens; give that to Model or Predictor");
        }
        if (!Files.isRegularFile(path)) {
            throw new FileSystemException(path.toAbsolutePath().toString(), null, "it is not a file");
        }
    }

    /** A file, once it has been found whole, and if need be harmless. */
    public static LentSource of(Path path, ModelFormat format, boolean trusted) throws IOException {
        String name = String.valueOf(path.getFileName());
        try {
            LentSource lent = isText(path)
                    ? new LentSource(new ModelSource.InFile(name, path), Optional.empty(), Optional.empty())
                    : UnpackedModels.of(name, file -> UnpackedModels.nameAgain(path, file));
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

    private static LentSource withFilesBeside(LentSource lent, ModelFormat format, Path path) throws IOException {
        boolean success = false;
        try {
            ExternalFiles files = ExternalFiles.of(format, lent.source());
            files.require(file -> Files.isRegularFile(path.resolveSibling(file)), "beside it");
            if (lent.unpacked().isPresent()) {
                files.place(
                        lent.unpacked().get(),
                        (file, target) -> UnpackedModels.nameAgain(path.resolveSibling(file), target));
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

    static LentSource checked(LentSource lent, boolean trusted) throws IOException {
        boolean success = false;
        try {
            String name = lent.source().name();
            ExportedEntries reader = new ExportedEntries(
                    new StorageBoundsCheck(name, trusted ? TorchZip.Reader.NONE : new UntrustedModel(name)));
            Optional<String> fingerprint = lent.source() instanceof ModelSource.InFile file
                    ? TorchZip.check(file.name(), file.path(), reader)
                    : lent.source() instanceof ModelSource.InMemory memory
                            ? TorchZip.check(memory.name(), memory.bytes(), reader)
                            : Optional.empty();
            LentSource checked = new LentSource(lent.source(), lent.unpacked(), fingerprint);
            LentSource ready = reader.hasPrograms() ? exported(checked, trusted) : checked;
            success = true;
            return ready;
        } finally {
            if (!success) {
                lent.close();
            }
        }
    }

    private static LentSource exported(LentSource lent, boolean trusted) throws IOException {
        if (lent.source() instanceof ModelSource.InFile file) {
            return new LentSource(
                    ExportedPrograms.open(file.name(), file.path(), trusted), lent.unpacked(), lent.fingerprint());
        }
        ModelSource.InMemory memory = (ModelSource.InMemory) lent.source();
        LentSource onDisk = UnpackedModels.of(memory.name(), file -> UnpackedModels.write(memory, file));
        boolean success = false;
        try {
            LentSource exported =
                    exported(new LentSource(onDisk.source(), onDisk.unpacked(), lent.fingerprint()), trusted);
            success = true;
            return exported;
        } finally {
            if (!success) {
                onDisk.close();
            }
        }
    }
}
