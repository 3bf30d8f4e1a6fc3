package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An archive that must be refused.
 *
 * @param title the format, and what is wrong
 * @param rule what it must be refused by
 * @param maker writes it
 */
record HostileCase(String title, Rule rule, Maker maker) {
    /** Writes an archive into a folder and returns its path. */
    @FunctionalInterface
    interface Maker {
        Path in(Path directory) throws IOException;
    }

    @Override
    public String toString() {
        return title;
    }
}
