package dev.cresset.pt2;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveLimits;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** A file that {@code torch.export.save} or {@code package_pt2} wrote. */
@SuppressWarnings("DoNotCallSuggester")
public final class Pt2Archive implements Closeable {
    private Pt2Archive() {}

    /** Says whether a file is what {@link #open} reads, or would refuse as an older or a compiled one, by its content. */
    public static boolean isPt2(Path path) throws ArchiveException {
        throw new UnsupportedOperationException(path.toString());
    }

    /** Opens a file with the default limits. */
    public static Pt2Archive open(Path path) throws ArchiveException {
        return open(path, ArchiveLimits.defaults());
    }

    /** Opens a file, with limits of your own. */
    public static Pt2Archive open(Path path, ArchiveLimits limits) throws ArchiveException {
        throw new UnsupportedOperationException(path + " " + limits);
    }

    /** Returns the names of the programs, in the archive's order; {@code torch.export.save} names its one {@code model}. */
    public Set<String> programs() {
        throw new UnsupportedOperationException();
    }

    /** Returns the names of the models that AOTInductor compiled. */
    public Set<String> compiledModels() {
        throw new UnsupportedOperationException();
    }

    /** Reads a program. */
    public ExportedProgram program(String name) throws ArchiveException {
        throw new UnsupportedOperationException(name);
    }

    /** Returns the weights of a program, parameters and persistent buffers, by their names. */
    public Map<String, Payload> weights(String program) throws ArchiveException {
        throw new UnsupportedOperationException(program);
    }

    /** Returns the other tensors that a program needs, by their names. */
    public Map<String, Payload> constants(String program) throws ArchiveException {
        throw new UnsupportedOperationException(program);
    }

    /** Reads a payload's storage into a buffer that has room for it, and checks its checksum. */
    public void read(Payload payload, ByteBuffer into) throws ArchiveException {
        throw new UnsupportedOperationException(payload + " " + into);
    }

    @Override
    public void close() throws ArchiveException {}
}
