package dev.cresset.internal.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A process that is held to a time and to a size, and ended if it goes beyond. It gets no file but its three streams, and of the
 * environment only what computing depends on: no passwords. Should the system run out of memory, it goes first.
 *
 * <p>Used by one thread.
 */
public final class WatchedProcess {

    private static final long LOOK_MILLIS = 10;
    private static final long LONGEST_END_SECONDS = 10;

    /** Names that say where things are and how to compute; whatever else is in the environment may be a secret. */
    private static final Set<String> PASSED_ON = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LANG",
            "LANGUAGE",
            "TZ",
            "TMPDIR",
            "TEMP",
            "TMP",
            "XDG_CACHE_HOME",
            "LD_LIBRARY_PATH",
            "DYLD_LIBRARY_PATH",
            "SYSTEMROOT",
            "WINDIR",
            "USERPROFILE",
            "LOCALAPPDATA",
            "GLIBC_TUNABLES");

    private static final List<String> FAMILIES = List.of(
            "LC_",
            "OMP_",
            "KMP_",
            "GOMP_",
            "MKL_",
            "OPENBLAS_",
            "ONEDNN_",
            "DNNL_",
            "ATEN_",
            "TORCH_",
            "PYTORCH_",
            "MALLOC_",
            "CUDA_",
            "NVIDIA_");

    /** What a process came to. */
    public enum Fate {
        /** It ended by itself. */
        ENDED,
        /** It took longer than it may. */
        TOO_LONG,
        /** It took more memory than it may. */
        TOO_LARGE,
        /** Nobody wants to know any more. */
        GIVEN_UP
    }

    /**
     * How a process ended.
     *
     * @param exitCode as Java has it: on Unix 128 and the signal's number, if a signal ended it
     * @param output the end of what it wrote, to either stream
     * @param peak the most memory that it was seen to hold; empty where the system does not tell
     */
    public record End(Fate fate, int exitCode, String output, OptionalLong peak) {}

    private final Process process;
    private final OutputTail output;

    private WatchedProcess(Process process) {
        this.process = process;
        this.output = new OutputTail(process.getInputStream());
    }

    /** Starts a command in a folder. */
    public static WatchedProcess start(List<String> command, Path folder) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> !isPassedOn(name.toUpperCase(Locale.ROOT)));
        Process process = builder.start();
        tell(process, "oom_score_adj", "1000");
        tell(process, "coredump_filter", "0"); // a dump of it helps nobody, and holds all it had
        return new WatchedProcess(process);
    }

    private static boolean isPassedOn(String name) {
        return PASSED_ON.contains(name) || FAMILIES.stream().anyMatch(name::startsWith);
    }

    private static void tell(Process process, String what, String value) {
        try {
            Path file = Path.of("/proc", Long.toString(process.pid()), what);
            if (Files.isWritable(file)) {
                Files.writeString(file, value);
            }
        } catch (IOException e) {
            // Wishes; none is needed.
        }
    }

    /**
     * Waits for its end, and brings it about if it takes too much.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile; the process is ended then, too
     */
    public End await(long timeoutNanos, long memory, BooleanSupplier givenUp) throws InterruptedException {
        long start = System.nanoTime();
        OptionalLong peak = OptionalLong.empty();
        Fate fate = Fate.ENDED;
        try {
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                OptionalLong now = ProcessMemory.of(process.pid());
                if (now.isPresent() && now.getAsLong() > peak.orElse(0)) {
                    peak = now;
                }
                if (peak.orElse(0) > memory) {
                    fate = Fate.TOO_LARGE;
                } else if (System.nanoTime() - start > timeoutNanos) {
                    fate = Fate.TOO_LONG;
                } else if (givenUp.getAsBoolean()) {
                    fate = Fate.GIVEN_UP;
                }
                if (fate != Fate.ENDED) {
                    break;
                }
            }
        } finally {
            end();
        }
        return new End(fate, process.isAlive() ? -1 : process.exitValue(), output.text(), peak);
    }

    /** Whoever waits for it may remove its files then, so it is gone first; unless the system itself holds it. */
    private void end() {
        process.destroyForcibly();
        process.onExit()
                .completeOnTimeout(process, LONGEST_END_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
