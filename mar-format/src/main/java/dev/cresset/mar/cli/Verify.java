package dev.cresset.mar.cli;

import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.ModelArchive;
import dev.cresset.pt2.Pt2Archive;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code mar verify}. */
@Command(
        name = "verify",
        description = "Reads all of an archive, says what was checked, and prints its SHA-256.",
        sortOptions = false)
final class Verify implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final ArchiveArgument argument = new ArchiveArgument();

    @Mixin
    private final ProgressOption progress = new ProgressOption();

    Verify(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (argument.isPt2()) {
            return programs();
        }
        try (ModelArchive archive = argument.open()) {
            try (Progress listener = progress.start(console, "verify")) {
                archive.verify(listener);
            }
            Table table = new Table();
            table.row("archive", Names.of(archive.path()) + " is whole");
            table.row("SHA-256", archive.sha256());
            table.row(
                    "checked",
                    "names, sizes and headers of "
                            + Plain.files(archive.entries().size()));
            table.row("", manifestAndSettings(archive));
            table.row("", contents(archive));
            Programs.inside(archive, inside -> {
                inside.verify();
                checked(table, inside);
            });
            table.print(console.out());
        }
        return Mar.DONE;
    }

    private int programs() throws IOException {
        try (Pt2Archive archive = argument.openPrograms()) {
            try (Progress listener = progress.start(console, "verify")) {
                archive.verify(listener);
            }
            Table table = new Table();
            table.row("file", Names.of(archive.path()) + " is whole");
            table.row("SHA-256", archive.sha256());
            table.row("checked", "names, sizes, headers and checksums of all entries");
            checked(table, archive);
            table.print(console.out());
        }
        return Mar.DONE;
    }

    private static void checked(Table table, Pt2Archive archive) {
        for (String program : archive.programs()) {
            table.row(
                    "", "program " + Plain.text(program) + ": its values, their order, its signature and its weights");
        }
        for (String model : archive.compiledModels()) {
            table.row("", "compiled model " + Plain.text(model) + ": what is noted of it; its code is not looked into");
        }
    }

    private static String manifestAndSettings(ModelArchive archive) {
        String manifest = archive.entries().contains(Names.MANIFEST) ? "the manifest" : "there is no manifest";
        return archive.manifest()
                .model()
                .configFile()
                .map(file -> manifest + ", and the settings in " + Plain.text(file))
                .orElse(manifest + "; there are no settings");
    }

    private static String contents(ModelArchive archive) throws IOException {
        String bytes = Plain.bytes(Names.totalSize(archive));
        return archive.format() == ArchiveFormat.NO_ARCHIVE
                ? bytes + " of content can be read; a folder has no checksums"
                : bytes + " of content, against the archive's checksums";
    }
}
