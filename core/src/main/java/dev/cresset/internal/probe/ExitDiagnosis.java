package dev.cresset.internal.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a JVM died of, in a few words: from the file that it leaves, from its signal, or from what it wrote last. */
public final class ExitDiagnosis {
    private static final int LONGEST = 300;
    private static final int LONGEST_FILE = 4 << 20;

    private static final Map<Integer, String> SIGNALS = Map.of(
            4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 13, "SIGPIPE", 15,
            "SIGTERM");

    /** {@code #  SIGSEGV (0xb) at pc=0x00007f..., pid=1, tid=2} */
    private static final Pattern SIGNAL = Pattern.compile("(?m)^# +((?:SIG|EXCEPTION_)\\w+|Internal Error)\\b");

    /** {@code # C  [libtorch_cpu.so+0x59c3d5a]  at::native::add(...)+0x2a} */
    private static final Pattern FRAME = Pattern.compile("(?m)^# Problematic frame:\\R# (?:\\w +)?(.*)$");

    private ExitDiagnosis() {}

    /** In words that follow "died of". */
    public static String of(WatchedProcess.End end, Path errorFile) {
        String report = read(errorFile);
        Matcher signal = SIGNAL.matcher(report);
        if (signal.find()) {
            Matcher frame = FRAME.matcher(report);
            return signal.group(1) + (frame.find() ? " in " + oneLine(nameOf(frame.group(1))) : "");
        }
        String cause = signal(end).orElse("exit code " + end.exitCode());
        return cause
                + lastLine(end.output()).map(line -> " after it wrote: " + line).orElse("");
    }

    /** A function without its parameters and template arguments, which go on for lines. */
    private static String nameOf(String frame) {
        String name = frame.replace("(anonymous namespace)::", "").replace("operator()", "operator");
        String before;
        do {
            before = name;
            name = name.replaceAll("<[^<>]*>|\\([^()]*\\)|\\{lambda}(#\\d+)?(::)?", "");
        } while (!name.equals(before));
        return name;
    }

    /** Whether the system, or somebody else, ended it without a word; as Linux does where memory is short. */
    public static boolean isKilled(WatchedProcess.End end) {
        return end.exitCode() == 128 + 9;
    }

    /** Whether the JVM itself could get no more memory. */
    public static boolean isOfMemory(WatchedProcess.End end, Path errorFile) {
        return read(errorFile).contains("There is insufficient memory for the Java Runtime Environment")
                || end.output().contains("std::bad_alloc");
    }

    private static Optional<String> signal(WatchedProcess.End end) {
        int number = end.exitCode() - 128;
        return number > 0 && number < 65
                ? Optional.of(SIGNALS.getOrDefault(number, "signal " + number))
                : Optional.empty();
    }

    private static Optional<String> lastLine(String output) {
        List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        // What C++ says before it gives up, the exception's own text, may go on for pages.
        return lines.stream()
                .filter(line -> line.strip().startsWith("what():"))
                .reduce((one, other) -> other)
                .or(() -> Optional.of(lines.get(lines.size() - 1)))
                .map(ExitDiagnosis::oneLine);
    }

    private static String oneLine(String text) {
        String line = text.strip().replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }

    private static String read(Path errorFile) {
        try {
            return Files.isRegularFile(errorFile) && Files.size(errorFile) <= LONGEST_FILE
                    ? Files.readString(errorFile, StandardCharsets.ISO_8859_1)
                    : "";
        } catch (IOException e) {
            return "";
        }
    }
}
