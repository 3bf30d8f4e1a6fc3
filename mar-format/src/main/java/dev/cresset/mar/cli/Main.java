package dev.cresset.mar.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;

/** Where {@code java -jar cresset-mar-format-VERSION-cli.jar} starts. */
public final class Main {
    private Main() {}

    /** Runs the command, and ends the process with its exit code. */
    public static void main(String[] args) {
        Console console = new Console(
                writer(System.out, "stdout.encoding"), writer(System.err, "stderr.encoding"), Console.isTerminal());
        int exit = Mar.run(console, args);
        // A full disk, or a reader that went away: the writer keeps it to itself.
        if (console.out().checkError() && exit == Mar.DONE) {
            console.err().println("mar: not all results could be written to standard output");
            exit = Mar.REFUSED;
        }
        System.exit(exit);
    }

    /** JDK 17 knows only one encoding for what is outside; newer ones know that of each stream. */
    private static PrintWriter writer(PrintStream stream, String property) {
        String encoding = System.getProperty(property, System.getProperty("native.encoding", "UTF-8"));
        return new PrintWriter(stream, /* autoFlush= */ true, Charset.forName(encoding));
    }
}
