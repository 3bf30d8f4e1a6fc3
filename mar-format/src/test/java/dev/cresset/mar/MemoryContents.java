package dev.cresset.mar;

import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Files that are in memory only. */
final class MemoryContents extends Contents {
    static final Refusals REFUSALS = new Refusals(Path.of("m.mar"));

    private final Map<String, byte[]> files;

    MemoryContents(Map<String, byte[]> files) {
        super(REFUSALS);
        this.files = files;
    }

    @Override
    public ArchiveFormat format() {
        return ArchiveFormat.NO_ARCHIVE;
    }

    @Override
    public Set<String> names() {
        return files.keySet();
    }

    private byte[] file(String name) throws ArchiveException {
        byte[] file = files.get(name);
        if (file == null) {
            throw noSuchEntry(name);
        }
        return file;
    }

    @Override
    public long size(String name) throws ArchiveException {
        return file(name).length;
    }

    @Override
    public InputStream open(String name, boolean ahead) throws ArchiveException {
        return new ByteArrayInputStream(file(name));
    }

    @Override
    public String sha256() {
        return "";
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
