package dev.cresset.mar.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a command writes to.
 *
 * @param out results
 * @param err failures and progress
 * @param terminal whether a person watches {@code err}
 */
record Console(PrintWriter out, PrintWriter err, boolean terminal) {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    /** Returns whether this process's standard error is a terminal. Java tells only on Linux; elsewhere it is taken for none. */
    static boolean isTerminal() {
        if (!Files.isSymbolicLink(STANDARD_ERROR)) {
            return false;
        }
        try {
            String device = Files.readSymbolicLink(STANDARD_ERROR).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
