package dev.cresset.mar.internal.folder;

import dev.cresset.mar.internal.archive.Output;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Objects;

/** An unpacked archive that is being written. */
public final class FolderOutput implements Output {
    private final Path folder;

    public FolderOutput(Path folder) {
        this.folder = folder;
    }

    @Override
    public void add(String entry, long size, Instant modified, InputStream content) throws IOException {
        Path file = folder.resolve(entry);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
            content.transferTo(out);
        }
        Files.setLastModifiedTime(file, FileTime.from(modified));
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
}
