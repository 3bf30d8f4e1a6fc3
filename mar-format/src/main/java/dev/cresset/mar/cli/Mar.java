package dev.cresset.mar.cli;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.writing.OwnVersion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command itself: parses what was typed, runs one of the four, and turns failures into a sentence and an exit code. */
@Command(
        name = "mar",
        description =
                "Shows, checks, packs and unpacks the model archives of TorchServe; shows and checks the programs of torch.export.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Exit codes: 0 done, 1 an archive or a file was refused, 2 the command was typed wrongly."})
final class Mar {
    static final int DONE = 0;
    static final int REFUSED = 1;
    static final int USAGE = 2;

    // picocli needs a place for these two, and acts on them itself.
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Shows this and ends.")
    private boolean help;

    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Shows the version and ends.")
    private boolean version;

    private Mar() {}

    /** Runs what was typed; returns the exit code. */
    static int run(Console console, String... args) {
        CommandLine command = new CommandLine(new Mar())
                .addSubcommand(new Inspect(console))
                .addSubcommand(new Verify(console))
                .addSubcommand(new Pack(console))
                .addSubcommand(new Unpack(console));
        command.getCommandSpec().version("mar " + OwnVersion.text());
        command.setOut(console.out())
                .setErr(console.err())
                .setUsageHelpWidth(110)
                // A file may well be called @model.mar.
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((failure, typed) -> typedWrongly(console, failure))
                .setExecutionExceptionHandler((failure, of, typed) -> refused(console, failure));
        try {
            return command.execute(args);
        } catch (Error e) {
            // No more memory, no more stack: picocli passes these on.
            return refused(console, e);
        }
    }

    private static int typedWrongly(Console console, ParameterException failure) {
        String name = failure.getCommandLine().getCommandSpec().qualifiedName();
        console.err()
                .println(name + ": " + Plain.sentence(String.valueOf(failure.getMessage())) + "; '" + name
                        + " --help' says what there is");
        return USAGE;
    }

    private static int refused(Console console, Throwable failure) {
        console.err().println(Plain.sentence(sentence(failure)));
        return REFUSED;
    }

    private static String sentence(Throwable failure) {
        if (failure instanceof ArchiveException refusal) {
            String message = String.valueOf(refusal.getMessage());
            boolean lifted = refusal.rule() == Rule.LIMIT
                    && ArchiveArgument.LIFTED.stream().anyMatch(message::contains);
            return lifted ? message + ": --trust does" : message;
        }
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof OutOfMemoryError
                ? "mar: there is not enough memory; give more with java -Xmx"
                : "mar: failed where nothing should (" + cause + "); please report it, with the command";
    }
}
