package dev.cresset.torch.libraries;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How file systems are mounted, on Linux; elsewhere nothing is known. */
final class Mounts {

    private static final Path OF_PROCESS = Path.of("/proc/self/mountinfo");

    private Mounts() {}

    /** Whether the system refuses to map code out of files in this folder, which need not exist yet. */
    static boolean isNoexec(Path folder) {
        Path there = folder.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return Files.isReadable(OF_PROCESS)
                    && isNoexec(there.toRealPath(), Files.readAllLines(OF_PROCESS, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return false; // the linker will say so
        }
    }

    /** By the innermost mount above the folder; of several at one place, the last hides the others. */
    static boolean isNoexec(Path folder, List<String> mounts) {
        @Nullable Path innermost = null;
        boolean noexec = false;
        for (String mount : mounts) {
            String[] fields = mount.split(" ", -1);
            if (fields.length < 6) {
                continue;
            }
            Path point;
            try {
                point = Path.of(unescaped(fields[4]));
            } catch (InvalidPathException e) {
                continue; // the locale has no such characters: no folder that Java knows is below it
            }
            if (folder.startsWith(point) && (innermost == null || point.getNameCount() >= innermost.getNameCount())) {
                innermost = point;
                noexec = Arrays.asList(fields[5].split(",", -1)).contains("noexec");
            }
        }
        return noexec;
    }

    /** A blank is written as \\040, for blanks part the fields. */
    private static String unescaped(String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }
}
