package dev.cresset.probe;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * System properties of this JVM that the one that tries a model gets, too: Cresset's, and those that say where native libraries
 * are, so that nothing is unpacked twice, and a plan that is found there is known here.
 */
final class ProbeSettings {

    private static final List<String> FAMILIES = List.of("cresset.", "org.bytedeco.");
    private static final Set<String> OTHERS =
            Set.of("user.home", "user.language", "user.country", "user.timezone", "file.encoding", "java.library.path");

    private ProbeSettings() {}

    static List<String> ofThisJvm() {
        List<String> options = new ArrayList<>();
        for (String name : System.getProperties().stringPropertyNames()) {
            String value = System.getProperty(name);
            if (value != null && (OTHERS.contains(name) || FAMILIES.stream().anyMatch(name::startsWith))) {
                options.add("-D" + name + "=" + absolute(name, value));
            }
        }
        return options;
    }

    /** Files are named from this JVM's folder, and the other one has another. */
    private static String absolute(String name, String value) {
        boolean isFolder = name.toLowerCase(Locale.ROOT).contains("cache") && !value.equals("off");
        try {
            Path path = Path.of(value);
            return !value.isEmpty() && (isFolder || Files.exists(path))
                    ? path.toAbsolutePath().toString()
                    : value;
        } catch (InvalidPathException e) {
            return value;
        }
    }
}
