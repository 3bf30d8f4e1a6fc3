package dev.cresset.mar;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** What torch-model-archiver wrote: see {@code make-archives.sh} beside the archives. */
final class RealArchives {
    static final String WEIGHTS = "weights of digits, weights of digits, weights of digits";

    private RealArchives() {}

    static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(RealArchives.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
