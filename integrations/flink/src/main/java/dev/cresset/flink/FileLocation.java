package dev.cresset.flink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;

/** A file that each task manager reads from where it lies. */
final class FileLocation extends ModelLocation {

    private static final long serialVersionUID = 1L;

    private final String pathOrUri;

    FileLocation(String pathOrUri) {
        this.pathOrUri = Objects.requireNonNull(pathOrUri, "pathOrUri");
    }

    private boolean isRemote() {
        return pathOrUri.contains("://") && !pathOrUri.startsWith("file://");
    }

    private Path local() {
        return pathOrUri.startsWith("file:") ? Path.of(java.net.URI.create(pathOrUri)) : Path.of(pathOrUri);
    }

    private org.apache.flink.core.fs.Path remote() {
        return new org.apache.flink.core.fs.Path(pathOrUri);
    }

    @Override
    String identity(RuntimeContext task) throws IOException {
        if (isRemote()) {
            FileStatus status = remote().getFileSystem().getFileStatus(remote());
            return pathOrUri + " " + status.getLen() + " " + status.getModificationTime();
        }
        return identity(local());
    }

    /** A file that was written anew, or replaced by another, is not what it was. */
    static String identity(Path file) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(
                    file.toString(),
                    null,
                    "no such file on this task manager; every task manager has to find the model there,"
                            + " or take ModelLocation.cached or .embedded");
        }
        return file.toRealPath() + " " + attributes.size() + " " + attributes.lastModifiedTime() + " "
                + attributes.fileKey();
    }

    @Override
    <I, O> OpenModel<I, O> open(PredictorSettings<I, O> settings, RuntimeContext task) throws IOException {
        if (!isRemote()) {
            return settings.open(local());
        }
        FileSystem files = remote().getFileSystem();
        try (InputStream bytes = files.open(remote());
                TemporaryFile copy = TemporaryFile.of(remote().getName(), bytes)) {
            return settings.open(copy.path());
        }
    }

    @Override
    public String toString() {
        return pathOrUri;
    }
}
