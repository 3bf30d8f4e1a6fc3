package dev.cresset.internal.probe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A new folder in the temporary one, which closing removes with all that is in it. */
public final class ScratchFolder implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private final Path path;

    /** Makes it, with this process in its name; open to this user only, where the system knows users. */
    public ScratchFolder() throws IOException {
        path = Files.createTempDirectory(
                "cresset-probe-" + ProcessHandle.current().pid() + "-");
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            remove(path);
        } catch (IOException | UncheckedIOException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "cannot delete " + path + ": " + e.getMessage());
        }
    }

    /** Removes a folder, if it is there. Links in it are removed, not followed. */
    public static void remove(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> tree = Files.walk(folder)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException e) {
            return;
        }
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }
}
