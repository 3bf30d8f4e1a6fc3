package dev.cresset.engine;

import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Pt2Archive;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a model's bytes are: in a file, in memory outside the heap, or in an archive of exported programs.
 */
public sealed interface ModelSource {

    /** What to call the model in messages. */
    String name();

    /**
     * A file that the engine reads itself.
     *
     * @param name what to call the model in messages
     * @param path the file
     */
    record InFile(String name, Path path) implements ModelSource {}

    /**
     * A direct buffer's remaining bytes.
     *
     * @param name what to call the model in messages
     * @param bytes the buffer, not used after the load
     */
    record InMemory(String name, ByteBuffer bytes) implements ModelSource {}

    /**
     * Programs that {@code torch.export} wrote, read and checked; their weights are in the file.
     *
     * @param name what to call the model in messages
     * @param archive where they came from, open until the model has been loaded
     * @param programs what its {@link Pt2Archive#programs} are, by their names
     */
    record Exported(String name, Pt2Archive archive, Map<String, ExportedProgram> programs) implements ModelSource {
        public Exported {
            programs = Collections.unmodifiableMap(new LinkedHashMap<>(programs));
        }
    }
}
