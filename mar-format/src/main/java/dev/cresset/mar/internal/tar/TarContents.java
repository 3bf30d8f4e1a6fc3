package dev.cresset.mar.internal.tar;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.Digests;
import dev.cresset.mar.internal.archive.EntryStream;
import dev.cresset.mar.internal.archive.ReadAhead;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * The files in one gzipped tar, all of them read once and checked before any is given.
 *
 * <p>A gzip cannot be entered in the middle. Opening costs one pass over it, which keeps the small files; every larger one
 * that is read costs another pass, up to it. Nothing is kept on disk.
 *
 * <p>Takes the file over, once made. Instances are safe for use by several threads.
 */
public final class TarContents extends Contents {
    private final ArchiveFile file;
    private final ArchiveLimits limits;
    private final Map<String, TarDirectory.Item> files;

    private TarContents(
            ArchiveFile file, ArchiveLimits limits, Refusals refusals, Map<String, TarDirectory.Item> files) {
        super(refusals);
        this.file = file;
        this.limits = limits;
        this.files = files;
    }

    public static TarContents of(ArchiveFile file, ArchiveLimits limits, Refusals refusals) throws IOException {
        try (TarPass pass = new TarPass(file, limits, refusals)) {
            return new TarContents(file, limits, refusals, new TarDirectory(pass, limits, refusals).files());
        }
    }

    @Override
    public ArchiveFormat format() {
        return ArchiveFormat.TGZ;
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
        TarDirectory.Item item = item(name);
        if (item.isKept()) {
            return new EntryStream(new ByteArrayInputStream(item.kept()), name, item.size(), item.checksum(), this);
        }
        TarPass pass = new TarPass(file, limits, refusals);
        boolean opened = false;
        try {
            for (int index = 0; index <= item.index(); index++) {
                requireSame(pass.next(), name);
            }
            requireSame(pass.entry().size() == item.size(), name);
            InputStream content = pass.lastContent();
            InputStream stream = stream(ahead ? ReadAhead.of(content, item.size()) : content, name, item);
            opened = true;
            return stream;
        } finally {
            if (!opened) {
                closeQuietly(pass);
            }
        }
    }

    /** One pass for all. */
    @Override
    public void each(Visitor visitor) throws IOException {
        try (TarPass pass = new TarPass(file, limits, refusals)) {
            int index = -1;
            for (Map.Entry<String, TarDirectory.Item> next : files.entrySet()) {
                for (; index < next.getValue().index(); index++) {
                    requireSame(pass.next(), next.getKey());
                }
                requireSame(pass.entry().size() == next.getValue().size(), next.getKey());
                visitor.visit(next.getKey(), stream(pass.content(), next.getKey(), next.getValue()));
            }
        }
    }

    private InputStream stream(InputStream content, String name, TarDirectory.Item item) {
        return new EntryStream(content, name, item.size(), item.checksum(), this);
    }

    private void requireSame(boolean same, String name) throws ArchiveException {
        if (!same) {
            throw refusals.entry(
                    Rule.DAMAGED, name, "is not where it was when the archive was opened; the file was changed since");
        }
    }

    private static void closeQuietly(TarPass pass) {
        try {
            pass.close();
        } catch (IOException e) {
            // It frees memory only, and what went wrong before matters more.
        }
    }

    private TarDirectory.Item item(String name) throws ArchiveException {
        TarDirectory.Item item = files.get(name);
        if (item == null) {
            throw noSuchEntry(name);
        }
        return item;
    }

    @Override
    public String sha256() throws IOException {
        return Digests.ofFile(file);
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
