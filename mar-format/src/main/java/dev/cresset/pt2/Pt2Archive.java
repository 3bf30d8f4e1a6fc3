package dev.cresset.pt2;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.ProgressListener;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.reading.Verifier;
import dev.cresset.mar.internal.zip.ZipContents;
import dev.cresset.pt2.internal.CompiledReader;
import dev.cresset.pt2.internal.PayloadReader;
import dev.cresset.pt2.internal.ProgramChecks;
import dev.cresset.pt2.internal.ProgramReader;
import dev.cresset.pt2.internal.Pt2Entries;
import dev.cresset.pt2.internal.Pt2Head;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * An open {@code .pt2}: the programs that {@code torch.export.save} wrote, and where their weights lie.
 *
 * <pre>{@code
 * try (Pt2Archive archive = Pt2Archive.open(Path.of("resnet18.pt2"))) {
 *     ExportedProgram program = archive.program("model");
 *     Map<String, Payload> weights = archive.weights("model");
 * }
 * }</pre>
 *
 * <p>Told by the content and not by the name of the file. When {@code open} returns, all names, sizes and headers have been
 * checked; a program is checked when it is read, and a weight's bytes against their checksum as they are read. Nothing is
 * unpickled and nothing is run.
 *
 * <p>Who opens an archive closes it. {@code close} may be called twice and from any thread; after it, what needs the file
 * throws {@link IllegalStateException}, and a read that is under way finishes or throws it.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class Pt2Archive implements AutoCloseable {
    private static final ProgressListener NO_LISTENER = (entry, done, total) -> {};
    private static final int BUFFER = 1 << 16;

    private final Path path;
    private final ArchiveLimits limits;
    private final Refusals refusals;
    private final ZipContents contents;
    private final Pt2Entries entries;

    private Pt2Archive(Path path, ArchiveLimits limits, Refusals refusals, ZipContents contents, Pt2Entries entries) {
        this.path = path;
        this.limits = limits;
        this.refusals = refusals;
        this.contents = contents;
        this.entries = entries;
    }

    /**
     * Says whether a file is a {@code .pt2}, one that is read here or one that is refused for its age or its damages. A
     * TorchScript file and what {@code torch.save} wrote are not.
     *
     * @throws java.nio.file.NoSuchFileException when there is no such file
     * @throws ArchiveException when it cannot be read
     */
    public static boolean isPt2(Path path) throws IOException {
        Refusals refusals = refusals(path);
        try (ArchiveFile file = ArchiveFile.open(path, refusals)) {
            Pt2Head head = Pt2Head.of(file, refusals);
            return head.isZip() && holdsPrograms(file, head, refusals);
        }
    }

    /** What is in the file tells; where that cannot be learned, its first entry does, for it to be refused as what it is. */
    private static boolean holdsPrograms(ArchiveFile file, Pt2Head head, Refusals refusals) {
        try {
            Pt2Entries.of(ZipContents.of(file, ArchiveLimits.defaults(), refusals));
            return true;
        } catch (ArchiveException e) {
            return switch (e.rule()) {
                case PROGRAM_VERSION -> true;
                case NOT_AN_ARCHIVE -> false;
                default -> head.isExported();
            };
        }
    }

    private static Refusals refusals(Path path) {
        return new Refusals(path, "save it again with torch.export.save");
    }

    /**
     * Opens an archive under the default limits; the caller closes it.
     *
     * @throws java.nio.file.NoSuchFileException when there is no such file
     * @throws ArchiveException when it cannot be read, is no archive of programs, or breaks a rule
     */
    public static Pt2Archive open(Path path) throws IOException {
        return open(path, ArchiveLimits.defaults());
    }

    /**
     * Opens an archive; the caller closes it.
     *
     * @throws java.nio.file.NoSuchFileException when there is no such file
     * @throws ArchiveException when it cannot be read, is no archive of programs, breaks a rule or exceeds a limit
     */
    public static Pt2Archive open(Path path, ArchiveLimits limits) throws IOException {
        Objects.requireNonNull(limits, "limits");
        Refusals refusals = refusals(path);
        ArchiveFile file = ArchiveFile.open(path, refusals);
        boolean opened = false;
        try {
            Pt2Head.of(file, refusals).requireZip(refusals);
            ZipContents contents = ZipContents.of(file, limits, refusals);
            Pt2Archive archive = new Pt2Archive(path, limits, refusals, contents, Pt2Entries.of(contents));
            archive.requireReadable();
            opened = true;
            return archive;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    private void requireReadable() throws IOException {
        requireNote("archive_format", "pt2", Rule.NOT_AN_ARCHIVE);
        requireNote("archive_version", "0", Rule.PROGRAM_VERSION);
        requireNote("byteorder", "little", Rule.PROGRAM_UNSUPPORTED);
    }

    private void requireNote(String name, String expected, Rule rule) throws IOException {
        String entry = entries.top() + name;
        if (!entries.names().contains(entry)) {
            return; // those of torch 2.6 and compiled ones lack some
        }
        String note = contents.size(entry) <= 100
                ? new String(contents.read(entry), StandardCharsets.UTF_8).strip()
                : "a long text";
        if (!note.equals(expected)) {
            throw refusals.entry(
                    rule,
                    entry,
                    "says " + Refusals.quoted(note) + ", expected " + Refusals.quoted(expected)
                            + "; use a newer version of this library, or export the model again");
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

    /**
     * Returns the names of the programs in the archive, in its order, as an unmodifiable set. What {@code torch.export.save}
     * wrote has one, {@code model}.
     */
    public Set<String> programs() {
        return Collections.unmodifiableSet(entries.programs());
    }

    /** Returns the names of the models that AOTInductor compiled to native code, as an unmodifiable set; mostly empty. */
    public Set<String> compiledModels() {
        return Collections.unmodifiableSet(entries.compiled());
    }

    /**
     * Reads what the archive notes of a model that AOTInductor compiled. Its code is not looked into.
     *
     * @param name one of {@link #compiledModels()}
     * @throws ArchiveException when there is no such model, or the notes are damaged
     * @throws IllegalStateException when the archive is closed
     */
    public CompiledModel compiledModel(String name) throws IOException {
        requireOpen();
        if (!entries.compiled().contains(name)) {
            throw refusals.entry(
                    Rule.NO_SUCH_ENTRY,
                    entries.compiled(name),
                    "is not in the archive; its compiled models are: " + Refusals.listed(entries.compiled()));
        }
        return CompiledReader.read(name, entries.compiled(name), contents, limits);
    }

    /**
     * Reads a program and checks it: each value is defined before it is used, and its weights and constants are in the
     * archive. Each call reads it anew.
     *
     * @param name one of {@link #programs()}
     * @throws ArchiveException when there is no such program, it is damaged, or written by another version of the schema
     * @throws IllegalStateException when the archive is closed
     */
    public ExportedProgram program(String name) throws IOException {
        String entry = requireProgram(name);
        ExportedProgram program = ProgramReader.read(readJson(entry), entry, limits, refusals);
        new ProgramChecks(program, weights(name), constants(name), entry, refusals).require();
        return program;
    }

    /**
     * Returns a program's weights, its parameters and persistent buffers, by their names in the module.
     *
     * @param program one of {@link #programs()}
     * @throws ArchiveException when there is no such program, a weight is pickled, is missing, or is shorter than its sizes
     *     need
     * @throws IllegalStateException when the archive is closed
     */
    public Map<String, Payload> weights(String program) throws IOException {
        return payloads(Pt2Entries.WEIGHTS, program);
    }

    /**
     * Returns the other tensors of a program, its constants and buffers that are not persistent, by their names.
     *
     * @param program one of {@link #programs()}
     * @throws ArchiveException when there is no such program, a constant is pickled, is missing, or is shorter than its
     *     sizes need
     * @throws IllegalStateException when the archive is closed
     */
    public Map<String, Payload> constants(String program) throws IOException {
        return payloads(Pt2Entries.CONSTANTS, program);
    }

    private Map<String, Payload> payloads(String folder, String program) throws IOException {
        String entry = requireProgram(program);
        Optional<String> config = entries.config(folder, program);
        if (config.isEmpty()) {
            throw entries.isPickled(folder, program)
                    ? refusals.entry(
                            Rule.PROGRAM_VERSION,
                            entry,
                            "has pickled weights, as torch 2.8 wrote them, and nothing is unpickled here; export the model"
                                    + " again, with torch 2.9 or newer")
                    : refusals.entry(
                            Rule.PROGRAM_REFERENCE,
                            entry,
                            "has no list of its weights or constants in " + Refusals.quoted(folder) + "; "
                                    + refusals.again());
        }
        return PayloadReader.read(readJson(config.get()), config.get(), entries.top() + folder, contents, limits);
    }

    private String requireProgram(String name) throws ArchiveException {
        requireOpen();
        String entry = entries.program(name);
        if (!entries.names().contains(entry)) {
            throw refusals.entry(
                    Rule.NO_SUCH_ENTRY,
                    entry,
                    "is not in the archive; its programs are: " + Refusals.listed(entries.programs()));
        }
        return entry;
    }

    private byte[] readJson(String entry) throws IOException {
        long size = contents.size(entry);
        if (size > limits.maxProgramBytes()) {
            throw refusals.entry(
                    Rule.LIMIT,
                    entry,
                    "has " + Refusals.number(size) + " bytes, more than " + Refusals.number(limits.maxProgramBytes())
                            + "; raise ArchiveLimits.maxProgramBytes if you trust this file");
        }
        return contents.read(entry);
    }

    /**
     * Opens a stream of a payload's storage; the caller closes it.
     *
     * <p>It gives its last byte only if all that it gave was right: a content that does not meet its checksum is an {@link
     * ArchiveException} from {@code read}. A stream is for one thread at a time.
     *
     * @param payload one of this archive's
     * @throws ArchiveException when there is no such payload
     * @throws IllegalStateException when the archive is closed
     */
    public InputStream newInputStream(Payload payload) throws IOException {
        requireOpen();
        return contents.open(payload.entry());
    }

    /**
     * Reads a payload's storage into a buffer, from its position on, and holds it to its checksum.
     *
     * @param payload one of this archive's
     * @param into has room for {@link Payload#length} bytes
     * @throws ArchiveException when there is no such payload, or it is damaged: what the buffer then holds is worth nothing
     * @throws IllegalStateException when the archive is closed
     */
    public void read(Payload payload, ByteBuffer into) throws IOException {
        if (into.remaining() < payload.length()) {
            throw new IllegalArgumentException("the buffer has room for " + into.remaining() + " bytes, expected "
                    + payload.length() + " for " + Refusals.quoted(payload.fqn()));
        }
        byte[] some = new byte[(int) Math.min(BUFFER, payload.length())];
        try (InputStream in = newInputStream(payload)) {
            for (long left = payload.length(); left > 0; ) {
                int count = in.read(some, 0, (int) Math.min(some.length, left));
                if (count < 0) {
                    throw new EOFException(payload.entry());
                }
                into.put(some, 0, count);
                left -= count;
            }
        }
    }

    /**
     * Reads all of the archive, and so learns whether it is whole and whether its programs are as they should be.
     *
     * @throws ArchiveException when they are not
     * @throws IllegalStateException when the archive is closed
     */
    public void verify() throws IOException {
        verify(NO_LISTENER);
    }

    /**
     * Reads all of the archive, and so learns whether it is whole and whether its programs are as they should be.
     *
     * @throws ArchiveException when they are not
     * @throws IllegalStateException when the archive is closed
     */
    public void verify(ProgressListener listener) throws IOException {
        Objects.requireNonNull(listener, "listener");
        requireOpen();
        new Verifier(contents, listener).verify();
        for (String program : programs()) {
            program(program);
        }
        for (String model : compiledModels()) {
            compiledModel(model);
        }
    }

    /**
     * Returns the SHA-256 digest of the file, in lower-case hexadecimal digits. Each call reads the whole file.
     *
     * @throws ArchiveException when the file cannot be read
     * @throws IllegalStateException when the archive is closed
     */
    public String sha256() throws IOException {
        requireOpen();
        return contents.sha256();
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

    /** Returns the archive's file name with the names of its programs. */
    @Override
    public String toString() {
        return refusals.archiveName() + " (programs " + Refusals.listed(entries.programs()) + ")";
    }
}
