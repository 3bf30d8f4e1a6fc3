package dev.cresset.internal.loading;

import dev.cresset.ModelLoadException;
import dev.cresset.engine.ModelFormat;
import dev.cresset.engine.ModelSource;
import dev.cresset.mar.ModelArchive;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/** Gets a model's bytes out of an archive: into memory, or where they are many into a file. */
public final class ArchiveSources {

    /**
     * Larger models are unpacked to a file while they load: memory outside the heap is bounded by the heap's size unless told
     * otherwise, and is given back only when the garbage collector comes by.
     */
    private static final int MOST_IN_MEMORY = 16 << 20;

    private ArchiveSources() {}

    /** What an archive's model begins as; throws if it has none. */
    public static ModelFormat format(ModelArchive archive) throws IOException {
        String entry = entry(archive.name(), archive);
        try (InputStream in = archive.newInputStream(entry)) {
            return ModelFormat.of(ByteBuffer.wrap(in.readNBytes(ModelFormat.HEAD)), archive.size(entry));
        }
    }

    public static LentSource of(ModelArchive archive, ModelFormat format, boolean trusted) throws IOException {
        String name = archive.name();
        String entry = entry(name, archive);
        long size = archive.size(entry);
        if (size == 0) {
            throw new ModelLoadException("cannot load " + name + ": its model '" + entry + "' is an empty file");
        }
        LentSource lent = size > MOST_IN_MEMORY
                ? UnpackedModels.of(name, file -> archive.extract(entry, file))
                : new LentSource(inMemory(name, archive, entry, (int) size), Optional.empty(), Optional.empty());
        return format == ModelFormat.PYTORCH
                ? ModelSources.checked(lent, trusted)
                : withFilesBeside(lent, format, archive, entry);
    }

    private static LentSource withFilesBeside(LentSource lent, ModelFormat format, ModelArchive archive, String entry)
            throws IOException {
        boolean success = false;
        try {
            ExternalFiles files = ExternalFiles.of(format, lent.source());
            String folder = entry.substring(0, entry.lastIndexOf('/') + 1);
            files.require(
                    file -> archive.entries().contains(folder + file),
                    "in the archive; give it to mar pack or torch-model-archiver by --extra-files");
            if (files.isNone()) {
                success = true;
                return lent;
            }
            LentSource placed = placed(lent, files, archive, folder);
            success = true;
            return placed;
        } finally {
            if (!success) {
                lent.close();
            }
        }
    }

    private static LentSource placed(LentSource lent, ExternalFiles files, ModelArchive archive, String folder)
            throws IOException {
        LentSource onDisk = lent.source() instanceof ModelSource.InMemory memory
                ? UnpackedModels.of(memory.name(), target -> UnpackedModels.write(memory, target))
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
