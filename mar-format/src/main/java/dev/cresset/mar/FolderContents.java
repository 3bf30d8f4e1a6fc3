package dev.cresset.mar;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * The files of an unpacked archive: {@code torch-model-archiver --archive-format no-archive}.
 *
 * <p>Holds no file open. What is read must have the size that it had when the folder was opened; files in a folder have no
 * checksum. Instances are safe for use by several threads.
 */
final class FolderContents extends Contents {
    private final Map<String, FolderDirectory.Item> files;
    private volatile boolean open = true;

    private FolderContents(Map<String, FolderDirectory.Item> files, Refusals refusals) {
        super(refusals);
        this.files = files;
    }

    static FolderContents of(Path folder, ArchiveLimits limits, Refusals refusals) throws ArchiveException {
        return new FolderContents(new FolderDirectory(limits, refusals).files(folder), refusals);
    }

    @Override
    ArchiveFormat format() {
        return ArchiveFormat.NO_ARCHIVE;
    }

    @Override
    Set<String> names() {
        return Collections.unmodifiableSet(files.keySet());
    }

    @Override
    long size(String name) throws ArchiveException {
        return item(name).size();
    }

    @Override
    InputStream open(String name, boolean ahead) throws ArchiveException {
        FolderDirectory.Item item = item(name);
        try {
            return new EntryStream(stream(item.file()), name, item.size(), EntryStream.UNKNOWN, this);
        } catch (IOException | RuntimeException e) {
            throw EntryStream.failed(name, this, e);
        }
    }

    /** Where it can be had, a stream that the interrupt of a thread does not close. */
    private static InputStream stream(Path file) throws IOException {
        return FileNames.isFile(file) ? new FileInputStream(file.toFile()) : Files.newInputStream(file);
    }

    private FolderDirectory.Item item(String name) throws ArchiveException {
        FolderDirectory.Item item = files.get(name);
        if (item == null) {
            throw noSuchEntry(name);
        }
        return item;
    }

    @Override
    String sha256() throws IOException {
        return Digests.ofFiles(this);
    }

    @Override
    boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
