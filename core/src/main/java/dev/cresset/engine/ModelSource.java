package dev.cresset.engine;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Where a model's bytes are: in a file, or in memory outside the heap.
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
}
