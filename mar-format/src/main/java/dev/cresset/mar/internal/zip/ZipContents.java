package dev.cresset.mar.internal.zip;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.Digests;
import dev.cresset.mar.internal.archive.EntryStream;
import dev.cresset.mar.internal.archive.FileSection;
import dev.cresset.mar.internal.archive.ReadAhead;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The files in one zip, all of them checked before any is read.
 *
 * <p>Takes the file over, once made. Instances are safe for use by several threads.
 */
public final class ZipContents extends Contents {
    private final ArchiveFile file;
    private final Map<String, ZipItem> files;

    private ZipContents(ArchiveFile file, Refusals refusals, Map<String, ZipItem> files) {
        super(refusals);
        this.file = file;
        this.files = files;
    }

    public static ZipContents of(ArchiveFile file, ArchiveLimits limits, Refusals refusals) throws ArchiveException {
        try {
            EndOfCentralDirectory end = EndOfCentralDirectory.of(file, limits, refusals);
            List<ZipHeader> headers = CentralDirectoryReader.of(file, end, refusals);
            new ZipEntryRules(limits, refusals).require(headers);
            Map<String, ZipItem> items = new ZipLayout(file, refusals).items(headers, end.directory());
            return new ZipContents(file, refusals, files(headers, items));
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            throw refusals.archive(ArchiveException.Rule.UNREADABLE, "cannot be read " + Refusals.reason(e), e);
        }
    }

    private static Map<String, ZipItem> files(List<ZipHeader> headers, Map<String, ZipItem> items) {
        Map<String, ZipItem> files = new LinkedHashMap<>();
        for (ZipHeader header : headers) {
            if (!header.name().endsWith("/")) {
                files.put(header.name(), items.get(header.name()));
            }
        }
        return files;
    }

    /** A zip in which anything is deflated counts as deflated. */
    @Override
    public ArchiveFormat format() {
        return files.values().stream().allMatch(item -> item.header().method() == ZipHeader.STORED)
                ? ArchiveFormat.ZIP_STORE
                : ArchiveFormat.DEFAULT;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(files.keySet());
    }

    @Override
    public long size(String name) throws ArchiveException {
        return item(name).header().size();
    }

    /** Returns where a content lies in the file, as it is; empty when it is compressed. */
    public OptionalLong position(String name) throws ArchiveException {
        ZipItem item = item(name);
        return item.header().method() == ZipHeader.STORED ? OptionalLong.of(item.data()) : OptionalLong.empty();
    }

    @Override
    public InputStream open(String name, boolean ahead) throws ArchiveException {
        ZipItem item = item(name);
        ZipHeader header = item.header();
        InputStream data = new FileSection(file, item.data(), header.compressedSize());
        return new EntryStream(
                header.method() == ZipHeader.STORED ? data : inflated(data, header.size(), ahead),
                name,
                header.size(),
                header.checksum(),
                this);
    }

    private static InputStream inflated(InputStream data, long size, boolean ahead) {
        InputStream content = new InflatedInput(data);
        return ahead ? ReadAhead.of(content, size) : content;
    }

    private ZipItem item(String name) throws ArchiveException {
        ZipItem item = files.get(name);
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
