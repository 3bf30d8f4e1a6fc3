package dev.cresset.internal.loading;

import dev.cresset.ModelLoadException;
import dev.cresset.engine.Optimization;
import dev.cresset.mar.ModelArchive;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The way to compute its model that an archive chooses: {@code optimization: DIRECT_CHANNELS_LAST} in its settings. Found once, where
 * there is time and memory, it spares every start the looking.
 */
public final class ArchiveOptimization {
    private static final String KEY = "optimization";

    private ArchiveOptimization() {}

    /**
     * Reads it.
     *
     * @throws ModelLoadException if it is none, or one that may go wrong: those are for whoever runs the process to choose
     */
    public static Optional<Optimization> of(ModelArchive archive) {
        Object named = archive.config().settings().get(KEY);
        if (named == null || named.equals("AUTO")) {
            return Optional.empty();
        }
        List<Optimization> ways = Arrays.stream(Optimization.values())
                .filter(Optimization::keepsEveryAnswer)
                .toList();
        return Optional.of(ways.stream()
                .filter(way -> way.name().equals(named))
                .findFirst()
                .orElseThrow(() -> new ModelLoadException(archive.name() + ": its settings' " + KEY + " is '" + named
                        + "', expected AUTO or one of " + ways)));
    }
}
