package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The files in one zip, all of them checked before any is read.
 *
 * <p>Borrows the file: who opened it closes it. Instances are safe for use by several threads.
 */
final class ZipContents {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final ArchiveFile file;
    private final Refusals refusals;
    private final ZipFile zip;
    private final Map<String, ZipArchiveEntry> files;

    private ZipContents(ArchiveFile file, Refusals refusals, ZipFile zip, Map<String, ZipArchiveEntry> files) {
        this.file = file;
        this.refusals = refusals;
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

    /** Returns the names of the files, in the order of the archive's directory. */
    Set<String> names() {
        return Collections.unmodifiableSet(files.keySet());
    }

    long size(String name) throws ArchiveException {
        return entry(name).getSize();
    }

    byte[] read(String name) throws IOException {
        long size = size(name);
        if (size > LARGEST_ARRAY) {
            throw refusals.entry(
                    Rule.LIMIT,
                    name,
                    "has " + Refusals.number(size) + " bytes, more than one array holds; read it with newInputStream");
        }
        byte[] content = new byte[(int) size];
        try (InputStream in = open(name)) {
            if (in.readNBytes(content, 0, content.length) < content.length || in.read() >= 0) {
                // The stream itself refuses a content of another size; it never ends quietly.
                throw new EOFException(name);
            }
        }
        return content;
    }

    /** Opens a stream that the caller closes. */
    InputStream open(String name) throws ArchiveException {
        ZipArchiveEntry entry = entry(name);
        try {
            return new EntryStream(zip.getInputStream(entry), name, entry.getSize(), entry.getCrc(), file, refusals);
        } catch (IOException | RuntimeException e) {
            throw EntryStream.failed(name, file, refusals, e);
        }
    }

    private ZipArchiveEntry entry(String name) throws ArchiveException {
        ZipArchiveEntry entry = files.get(name);
        if (entry == null) {
            throw refusals.entry(
                    Rule.NO_SUCH_ENTRY, name, "is not in the archive; it holds: " + Refusals.listed(names()));
        }
        return entry;
    }
}
