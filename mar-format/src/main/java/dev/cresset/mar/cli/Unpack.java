package dev.cresset.mar.cli;

import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code mar unpack}. */
@Command(
        name = "unpack",
        description = "Writes all files of an archive into a new folder, whole or not at all.",
        sortOptions = false)
final class Unpack implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final ArchiveArgument argument = new ArchiveArgument();

    @Parameters(
            index = "1",
            paramLabel = "FOLDER",
            description = "Where to: a path that is free, in a folder that is there.")
    private Path folder = Path.of("");

    @Mixin
    private final ProgressOption progress = new ProgressOption();

    Unpack(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        try (ModelArchive archive = argument.open()) {
            try (Progress listener = progress.start(console, "unpack")) {
                archive.unpack(folder, listener);
            }
            console.out()
                    .println("unpacked " + Plain.files(archive.entries().size()) + ", "
                            + Plain.bytes(Names.totalSize(archive)) + ", to " + Plain.text(folder.toString()));
        }
        return Mar.DONE;
    }
}
