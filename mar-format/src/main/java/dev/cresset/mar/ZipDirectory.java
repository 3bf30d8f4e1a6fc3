package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/** What a zip's directory may list: plain files with safe names, within the limits. */
final class ZipDirectory {
    private static final int RATIO_FREE_BYTES = 1 << 20;
    private static final int FILE_TYPE = 0170000;
    private static final int PLAIN_FILE = 0100000;

    private final ArchiveLimits limits;
    private final Refusals refusals;

    ZipDirectory(ArchiveLimits limits, Refusals refusals) {
        this.limits = limits;
        this.refusals = refusals;
    }

    /** Returns the files by name, in the order of the directory, once all of it is in order. */
    Map<String, ZipArchiveEntry> files(List<ZipArchiveEntry> entries) throws ArchiveException {
        if (entries.size() > limits.maxEntries()) {
            throw new EntrySizes(limits, refusals).tooManyEntries();
        }
        EntryNames names = new EntryNames(refusals);
        Map<String, ZipArchiveEntry> files = new LinkedHashMap<>();
        EntrySizes sizes = new EntrySizes(limits, refusals);
        for (ZipArchiveEntry entry : entries) {
            EntryPath path = EntryPath.of(name(entry), limits, refusals);
            names.add(path);
            if (path.isDirectory()) {
                continue;
            }
            requirePlainFile(entry);
            requirePossibleSizes(entry);
            sizes.add(entry.getName(), entry.getSize());
            requireRatio(entry);
            files.put(path.name(), entry);
        }
        names.requireNoFileAsFolder();
        return files;
    }

    /** The name as its bytes say it: the parser turns backslashes into slashes for some makers' zips. */
    private String name(ZipArchiveEntry entry) throws ArchiveException {
        try {
            ByteBuffer raw = ByteBuffer.wrap(entry.getRawName());
            return StandardCharsets.UTF_8.newDecoder().decode(raw).toString();
        } catch (CharacterCodingException e) {
            throw refusals.entry(
                    Rule.ENTRY_NAME,
                    entry.getName(),
                    "has a name that is not UTF-8; rename it and pack again with torch-model-archiver",
                    e);
        }
    }

    private void requirePlainFile(ZipArchiveEntry entry) throws ArchiveException {
        String what;
        int type = entry.getUnixMode() & FILE_TYPE;
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            what = "is encrypted";
        } else if (entry.getMethod() != ZipEntry.STORED && entry.getMethod() != ZipEntry.DEFLATED) {
            what = "is compressed by method " + entry.getMethod();
        } else if (type != 0 && type != PLAIN_FILE) {
            what = "is a link or a device";
        } else {
            return;
        }
        throw refusals.entry(
                Rule.UNSUPPORTED_ENTRY,
                entry.getName(),
                what + ", expected a plain file, stored or deflated; pack it again with torch-model-archiver");
    }

    private void requirePossibleSizes(ZipArchiveEntry entry) throws ArchiveException {
        long size = entry.getSize();
        long compressed = entry.getCompressedSize();
        if (size < 0 || compressed < 0 || (entry.getMethod() == ZipEntry.STORED && size != compressed)) {
            throw refusals.entry(
                    Rule.DAMAGED,
                    entry.getName(),
                    "has impossible sizes (" + Refusals.number(compressed) + " bytes stored for "
                            + Refusals.number(size) + "); the file is damaged or forged, build or copy it again");
        }
    }

    private void requireRatio(ZipArchiveEntry entry) throws ArchiveException {
        long size = entry.getSize();
        long compressed = entry.getCompressedSize();
        // Not a product: both factors come from outside, and it may not fit.
        if (size > RATIO_FREE_BYTES && (size - 1) / Math.max(compressed, 1) >= limits.maxCompressionRatio()) {
            throw refusals.entry(
                    Rule.LIMIT,
                    entry.getName(),
                    "expands from " + Refusals.number(compressed) + " to " + Refusals.number(size)
                            + " bytes, more than " + Refusals.number(limits.maxCompressionRatio())
                            + " times; raise ArchiveLimits.maxCompressionRatio if you trust this file");
        }
    }
}
