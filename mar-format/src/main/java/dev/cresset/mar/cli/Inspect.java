package dev.cresset.mar.cli;

import dev.cresset.mar.ModelArchive;
import dev.cresset.pt2.Pt2Archive;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mar inspect}. */
@Command(
        name = "inspect",
        description =
                "Shows what an archive is: its model, its handler, its files and settings; and what is in a .pt2: its programs"
                        + " with their inputs and outputs. Runs nothing.",
        sortOptions = false)
final class Inspect implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final ArchiveArgument argument = new ArchiveArgument();

    @Option(names = "--json", description = "Shows all of it, as JSON.")
    private boolean json;

    @Option(names = "--operators", description = "Lists the operators that a .pt2 calls, and how often.")
    private boolean operators;

    Inspect(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (argument.isPt2()) {
            return programs();
        }
        try (ModelArchive archive = argument.open()) {
            if (json) {
                console.out().println(JsonText.of(Description.of(archive)));
            } else {
                Table table = new Overview(archive).table();
                Programs.inside(archive, inside -> Programs.addTo(table, inside, operators));
                table.print(console.out());
            }
        }
        return Mar.DONE;
    }

    private int programs() throws IOException {
        try (Pt2Archive archive = argument.openPrograms()) {
            if (json) {
                console.out().println(JsonText.of(Description.of(archive)));
            } else {
                Table table = new Table();
                table.row("file", Names.of(archive.path()) + ", " + Plain.bytes(Files.size(archive.path())));
                Programs.addTo(table, archive, operators);
                table.print(console.out());
            }
        }
        return Mar.DONE;
    }
}
