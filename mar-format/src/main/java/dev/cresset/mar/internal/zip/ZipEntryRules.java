package dev.cresset.mar.internal.zip;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.EntryNames;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.EntrySizes;
import dev.cresset.mar.internal.archive.Refusals;
import java.util.List;

/** What a zip's directory may list: plain files with safe names, within the limits. */
final class ZipEntryRules {
    static final int FILE_TYPE = 0170000;
    private static final int PLAIN_FILE = 0100000;
    private static final int FOLDER = 0040000;

    private static final int RATIO_FREE_BYTES = 1 << 20;

    /** A bomb may be made of many entries, each of them free of the ratio. */
    private static final int RATIO_FREE_BYTES_IN_ALL = 16 << 20;

    /** What nothing becomes when it is deflated. */
    private static final int DEFLATED_NOTHING = 2;

    private final ArchiveLimits limits;
    private final Refusals refusals;

    ZipEntryRules(ArchiveLimits limits, Refusals refusals) {
        this.limits = limits;
        this.refusals = refusals;
    }

    void require(List<ZipHeader> headers) throws ArchiveException {
        EntryNames names = new EntryNames(refusals);
        EntrySizes sizes = new EntrySizes(limits, refusals);
        long size = 0;
        long compressedSize = 0;
        for (ZipHeader header : headers) {
            EntryPath path = EntryPath.of(header.name(), limits, refusals);
            names.add(path);
            requirePlain(header, path.isDirectory());
            requirePossibleSizes(header);
            sizes.add(header.name(), header.size());
            requireRatio(header);
            size += header.size();
            compressedSize += Math.min(header.compressedSize(), header.size());
        }
        names.requireNoFileAsFolder();
        if (size > RATIO_FREE_BYTES_IN_ALL && isAboveRatio(size, compressedSize)) {
            throw refusals.archive(Rule.LIMIT, tooDense(compressedSize, size));
        }
    }

    private void requirePlain(ZipHeader header, boolean folder) throws ArchiveException {
        String what;
        if ((header.flags() & ZipHeader.ENCRYPTED) != 0) {
            what = "is encrypted";
        } else if ((header.flags() & ~ZipHeader.HARMLESS) != 0) {
            what = "is of an unknown kind (flags " + Integer.toHexString(header.flags()) + ")";
        } else if (header.method() != ZipHeader.STORED && header.method() != ZipHeader.DEFLATED) {
            what = "is compressed by method " + header.method();
        } else if (header.type() != 0 && header.type() != (folder ? FOLDER : PLAIN_FILE)) {
            what = "is a link or a device";
        } else if (folder && (header.size() != 0 || header.compressedSize() > DEFLATED_NOTHING)) {
            what = "is a folder with a content";
        } else {
            return;
        }
        throw refusals.entry(
                Rule.UNSUPPORTED_ENTRY,
                header.name(),
                what + ", expected a plain file, stored or deflated; " + refusals.again());
    }

    private void requirePossibleSizes(ZipHeader header) throws ArchiveException {
        long size = header.size();
        long compressed = header.compressedSize();
        if (size < 0 || compressed < 0 || (header.method() == ZipHeader.STORED && size != compressed)) {
            throw refusals.entry(
                    Rule.DAMAGED,
                    header.name(),
                    "has impossible sizes (" + Refusals.number(compressed) + " bytes stored for "
                            + Refusals.number(size) + "); the file is damaged or forged, build or copy it again");
        }
    }

    private void requireRatio(ZipHeader header) throws ArchiveException {
        if (header.size() > RATIO_FREE_BYTES && isAboveRatio(header.size(), header.compressedSize())) {
            throw refusals.entry(Rule.LIMIT, header.name(), tooDense(header.compressedSize(), header.size()));
        }
    }

    private boolean isAboveRatio(long size, long compressedSize) {
        // Not a product: both factors come from outside, and it may not fit.
        return (size - 1) / Math.max(compressedSize, 1) >= limits.maxCompressionRatio();
    }

    private String tooDense(long compressedSize, long size) {
        return "expands from " + Refusals.number(compressedSize) + " to " + Refusals.number(size) + " bytes, more than "
                + Refusals.number(limits.maxCompressionRatio())
                + " times; raise ArchiveLimits.maxCompressionRatio if you trust this file";
    }
}
