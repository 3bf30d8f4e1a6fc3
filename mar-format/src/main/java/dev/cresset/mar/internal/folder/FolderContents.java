package dev.cresset.mar.internal.folder;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.Digests;
import dev.cresset.mar.internal.archive.EntryStream;
import dev.cresset.mar.internal.archive.FileNames;
import dev.cresset.mar.internal.archive.Refusals;
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
public final class FolderContents extends Contents {
    private final Map<String, FolderDirectory.Item> files;
    private volatile boolean open = true;

    private FolderContents(Map<String, FolderDirectory.Item> files, Refusals refusals) {
        super(refusals);
        this.files = files;
    }

    public static FolderContents of(Path folder, ArchiveLimits limits, Refusals refusals) throws ArchiveException {
        return new FolderContents(new FolderDirectory(limits, refusals).files(folder), refusals);
    }

    @Override
    public ArchiveFormat format() {
        return ArchiveFormat.NO_ARCHIVE;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(files.keySet());
    }

    @Override
    public long size(String name) throws ArchiveException {
        return item(name).size();
    }

    @Override
    public InputStream open(String name, boolean ahead) throws ArchiveException {
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
    public String sha256() throws IOException {
        return Digests.ofFiles(this);
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
