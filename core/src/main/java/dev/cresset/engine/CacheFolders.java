package dev.cresset.engine;

import dev.cresset.config.SystemProperties;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where is kept what the next start need not find out or unpack again. The system property {@code cresset.cache} names a folder
 * for all of it; {@code off} keeps no plans, and unpacks libraries where it would without the property.
 */
public final class CacheFolders {
    private static final String OFF = "off";

    private CacheFolders() {}

    /** The folder that the property names. */
    public static Optional<Path> named() {
        String wanted = System.getProperty(SystemProperties.CACHE, "");
        return wanted.isEmpty() || wanted.equals(OFF)
                ? Optional.empty()
                : Optional.of(Path.of(wanted).toAbsolutePath());
    }

    /** Whether nothing is to be kept. */
    public static boolean isOff() {
        return System.getProperty(SystemProperties.CACHE, "").equals(OFF);
    }

    /**
     * The user's home folders, the likeliest first: Java's and the environment's, which differ where containers run under a user
     * that the system does not know. Java then calls its home "?", which is no folder.
     */
    public static List<Path> homes() {
        Set<Path> homes = new LinkedHashSet<>();
        for (String home : new String[] {System.getProperty("user.home"), System.getenv("HOME")}) {
            if (home != null && Path.of(home).isAbsolute()) {
                homes.add(Path.of(home));
            }
        }
        return new ArrayList<>(homes);
    }
}
