package dev.cresset.mar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The files that {@code make-archives.sh} gave to the real archiver, made once more. */
final class ArchiverInputs {
    private final Path folder;

    /** Makes all files in a folder. */
    ArchiverInputs(Path folder) throws IOException {
        this.folder = folder;
        write("digits.pt", RealArchives.WEIGHTS);
        write("index_to_name.json", "{\"0\": \"zero\", \"1\": \"one\"}");
        write("settings.yaml", "minWorkers: 1\nmaxWorkers: 2\n");
        write("needs.txt", "numpy\n");
        write("net.py", "class Net:\n    pass\n");
        write("service.py", "def handle(data, context):\n    return data\n");
        write("extra/flat.txt", "first level\n");
        write("extra/deeper/nested.txt", "second level\n");

        write("tree/.dotfile", "dotted\n");
        write("tree/flat.txt", "first level\n");
        // On Windows not everybody may make a link; the archive is the same.
        write("tree/link.txt", "first level\n");
        write("tree/deeper/nested.txt", "second level\n");
        write("tree/deeper/deepest/notes.txt", "third level\n");
        write("tree/deeper/.git/dropped.txt", "dropped\n");
        write("tree/__pycache__/dropped.txt", "dropped\n");
        write("tree/__MACOSX/dropped.txt", "dropped\n");
        Files.createDirectories(path("tree/empty"));
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** Writes a file and the folders that it is in. */
    Path write(String name, String content) throws IOException {
        Path file = path(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return Files.writeString(file, content);
    }
}
