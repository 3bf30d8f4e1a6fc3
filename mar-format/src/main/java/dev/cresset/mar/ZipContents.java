package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The files in one zip, all of them checked before any is read.
 *
 * <p>Takes the file over, once made. Instances are safe for use by several threads.
 */
final class ZipContents extends Contents {
    private final ArchiveFile file;
    private final ZipFile zip;
    private final Map<String, ZipArchiveEntry> files;

    private ZipContents(ArchiveFile file, Refusals refusals, ZipFile zip, Map<String, ZipArchiveEntry> files) {
        super(refusals);
        this.file = file;
        this.zip = zip;
        this.files = files;
    }

    static ZipContents of(ArchiveFile file, ArchiveLimits limits, Refusals refusals) throws ArchiveException {
        ZipChannel channel = new ZipChannel(file, limits.maxDirectoryBytes());
        try {
            ZipFile zip = ZipFile.builder()
                    .setSeekableByteChannel(channel)
                    .setUseUnicodeExtraFields(false) // one name an entry: the one in its header
                    .get();
            channel.liftBound();
            List<ZipArchiveEntry> entries = Collections.list(zip.getEntries());
            Map<String, ZipArchiveEntry> files = new ZipDirectory(limits, refusals).files(entries);
            new ZipLayout(file, refusals).require(entries);
            return new ZipContents(file, refusals, zip, files);
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw unreadableDirectory(channel, file, limits, refusals, e);
        }
    }

    private static ArchiveException unreadableDirectory(
            ZipChannel channel, ArchiveFile file, ArchiveLimits limits, Refusals refusals, Exception cause) {
        if (channel.isOverdrawn()) {
            return refusals.archive(
                    Rule.LIMIT,
                    "its directory takes more than " + Refusals.number(limits.maxDirectoryBytes())
                            + " bytes; raise ArchiveLimits.maxDirectoryBytes if you trust this file",
                    cause);
        }
        return refusals.archive(
                Rule.DAMAGED,
                "starts like a zip, but the directory at its end is missing or wrong " + Refusals.reason(cause)
                        + "; the file, of " + Refusals.number(file.size())
                        + " bytes, is probably cut short, copy or build it again",
                cause);
    }

    /** A zip in which anything is deflated counts as deflated. */
    @Override
    ArchiveFormat format() {
        return files.values().stream().allMatch(file -> file.getMethod() == ZipEntry.STORED)
                ? ArchiveFormat.ZIP_STORE
                : ArchiveFormat.DEFAULT;
    }

    @Override
    Set<String> names() {
        return Collections.unmodifiableSet(files.keySet());
    }

    @Override
    long size(String name) throws ArchiveException {
        return entry(name).getSize();
    }

    @Override
    InputStream open(String name) throws ArchiveException {
        ZipArchiveEntry entry = entry(name);
        try {
            return new EntryStream(zip.getInputStream(entry), name, entry.getSize(), entry.getCrc(), this);
        } catch (IOException | RuntimeException e) {
            throw EntryStream.failed(name, this, e);
        }
    }

    private ZipArchiveEntry entry(String name) throws ArchiveException {
        ZipArchiveEntry entry = files.get(name);
        if (entry == null) {
            throw noSuchEntry(name);
        }
        return entry;
    }

    @Override
    String sha256() throws IOException {
        return Digests.ofFile(file);
    }

    @Override
    boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
