package dev.cresset.internal.loading;

import dev.cresset.engine.ModelSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A source, and the files that were unpacked for it, which closing deletes.
 *
 * @param source what to load
 * @param unpacked the folder of those files; empty if there are none
 * @param fingerprint what tells its module from any other; empty if only all its bytes do
 */
public record LentSource(ModelSource source, Optional<Path> unpacked, Optional<String> fingerprint)
        implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

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

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
