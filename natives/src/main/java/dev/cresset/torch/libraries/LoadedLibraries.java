package dev.cresset.torch.libraries;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The libraries of LibTorch and of ours that are in this process, and where they were loaded from; on Linux only. */
public final class LoadedLibraries {

    private static final Path MAPS = Path.of("/proc/self/maps");

    /** How their names begin. */
    private static final List<String> OURS = List.of(
            "libtorch",
            "libc10",
            "libjnitorch",
            "libjnicresset",
            "libgomp",
            "libopenblas",
            "libgfortran",
            "libquadmath");

    private LoadedLibraries() {}

    /** The file names of the libraries, with their paths. */
    public static Map<String, String> all() {
        Map<String, String> found = new LinkedHashMap<>();
        if (Files.isReadable(MAPS)) {
            try {
                // Names are bytes; those that are not ASCII are only shown.
                for (String line : Files.readAllLines(MAPS, StandardCharsets.ISO_8859_1)) {
                    int path = line.indexOf('/');
                    String name = line.substring(line.lastIndexOf('/') + 1);
                    if (path > 0 && OURS.stream().anyMatch(name::startsWith)) {
                        found.merge(
                                name,
                                line.substring(path),
                                (one, other) -> one.equals(other) ? one : one + ", " + other);
                    }
                }
            } catch (IOException e) {
                found.put("unknown", e.toString());
            }
        }
        return found;
    }

    /** Where the library of this file name was loaded from. */
    static Optional<String> find(String name) {
        return Optional.ofNullable(all().get(name));
    }
}
