package dev.cresset.mar.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/** A command that ran: what it was, its exit code and what it wrote. */
record Ran(int exit, String out, String err) {

    /** Runs it in this process, without a terminal. */
    static Ran mar(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] typed = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            typed[i] = args[i].toString();
        }
        int exit = Mar.run(new Console(new PrintWriter(out, true), new PrintWriter(err, true), false), typed);
        return new Ran(exit, text(out), text(err));
    }

    static Path fixture(String name) {
        return Path.of(System.getProperty("cresset.fixtures"), name);
    }

    private static String text(StringWriter written) {
        return written.toString().replace(System.lineSeparator(), "\n");
    }
}
