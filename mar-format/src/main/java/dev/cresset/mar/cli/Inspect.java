package dev.cresset.mar.cli;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mar inspect}. */
@Command(
        name = "inspect",
        description =
                "Shows what an archive is: its model, its handler, its files and settings. Runs and unpacks nothing.",
        sortOptions = false)
final class Inspect implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final ArchiveArgument argument = new ArchiveArgument();

    @Option(names = "--json", description = "Shows all of it, as JSON.")
    private boolean json;

    Inspect(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        try (ModelArchive archive = argument.open()) {
            if (json) {
                console.out().println(JsonText.of(Description.of(archive)));
            } else {
                new Overview(archive).table().print(console.out());
            }
        }
        return Mar.DONE;
    }
}
