package dev.cresset.internal.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What memory a process has taken for itself: what it holds of files costs nobody anything. Known on Linux only. */
public final class ProcessMemory {

    private ProcessMemory() {}

    /** Of this process. */
    public static OptionalLong ofThis() {
        return of("self");
    }

    static OptionalLong of(long process) {
        return of(Long.toString(process));
    }

    private static OptionalLong of(String process) {
        long all = 0;
        long own = 0;
        boolean tells = false;
        try {
            for (String line : Files.readAllLines(Path.of("/proc", process, "status"))) {
                if (line.startsWith("VmRSS:")) {
                    all = bytes(line);
                } else if (line.startsWith("RssAnon:")) {
                    own += bytes(line);
                    tells = true;
                } else if (line.startsWith("RssShmem:") || line.startsWith("VmSwap:")) {
                    own += bytes(line);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty(); // another system, or the process is gone
        }
        return all == 0 ? OptionalLong.empty() : OptionalLong.of(tells ? own : all);
    }

    /** {@code RssAnon:     1234 kB} */
    private static long bytes(String line) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }
}
