package dev.cresset.probe;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a JVM that tries a model notes, one thing after the other in a file, so that it is there whatever becomes of the JVM. What the
 * model prints goes elsewhere.
 *
 * <p>Used by one thread.
 */
final class ProbeNotes implements AutoCloseable {
    private static final int LONGEST = 4000;
    private static final int MOST_BYTES = 1 << 20;

    /** What is noted, each at most once but for the stage. */
    enum Note {
        STAGE,
        ENGINE,
        DIGEST,
        SIGNATURE,
        PLAN,
        OPEN_NANOS,
        CALL_NANOS,
        CALLS,
        REMARK,
        BASE_BYTES,
        VERDICT,
        MESSAGE
    }

    /** What the JVM itself has come to say; without one, it did not live to. */
    enum Verdict {
        READY,
        REFUSED,
        NO_MEMORY,
        NO_ENGINE
    }

    private final DataOutputStream out;

    ProbeNotes(Path file) throws IOException {
        out = new DataOutputStream(Files.newOutputStream(file)); // unbuffered: the next moment may be the last
    }

    /** Says what comes next, in words that follow "while". */
    void stage(String doing) {
        put(Note.STAGE, doing);
    }

    void put(Note key, Object value) {
        String text = String.valueOf(value);
        try {
            out.writeUTF(key.name());
            out.writeUTF(text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...");
        } catch (IOException e) {
            throw new IllegalStateException("cannot write what was found", e);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** What was noted last of each, as far as it can be read. */
    static Map<Note, String> read(Path file) {
        Map<Note, String> notes = new EnumMap<>(Note.class);
        try (InputStream bytes = Files.newInputStream(file)) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.readNBytes(MOST_BYTES)));
            while (in.available() > 0) {
                notes.put(Note.valueOf(in.readUTF()), in.readUTF());
            }
        } catch (IOException | IllegalArgumentException e) {
            // The rest was not written, or spoilt.
        }
        return notes;
    }

    static Optional<Verdict> verdict(Map<Note, String> notes) {
        try {
            return Optional.ofNullable(notes.get(Note.VERDICT)).map(Verdict::valueOf);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
