package dev.cresset.mar.cli;

import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/** Whether a command tells how far it is. */
final class ProgressOption {
    private static final long FIRST = TimeUnit.MILLISECONDS.toNanos(500);

    @Option(
            names = "--progress",
            description =
                    "Tells on standard error how far it is. A terminal is told anyway (on Linux), if it takes long.")
    private boolean asked;

    /** Returns what tells it, or nothing; who calls closes it when the work is done. */
    Progress start(Console console, String work) {
        if (console.terminal()) {
            return Progress.onTerminal(console.err(), work, System::nanoTime, asked ? 0 : FIRST);
        }
        return asked ? Progress.inLines(console.err(), work) : Progress.silent();
    }
}
