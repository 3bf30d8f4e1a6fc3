package dev.cresset.mar.internal.tar;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.BulkInput;
import dev.cresset.mar.internal.archive.CountedInput;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The bytes of a tar as they come out of its gzip, held to how much more may come out than goes in.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class TarInput extends BulkInput {
    private static final int RATIO_FREE_BYTES = 1 << 20;

    private final InputStream gzip;
    private final CountedInput file;
    private final ArchiveLimits limits;
    private final Refusals refusals;
    private long count;

    TarInput(InputStream gzip, CountedInput file, ArchiveLimits limits, Refusals refusals) {
        this.gzip = gzip;
        this.file = file;
        this.limits = limits;
        this.refusals = refusals;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        int read = gzip.read(into, offset, length);
        if (read <= 0) {
            return read;
        }
        count += read;
        requireRatio();
        return read;
    }

    private void requireRatio() throws ArchiveException {
        if (count > RATIO_FREE_BYTES && (count - 1) / Math.max(file.count(), 1) >= limits.maxCompressionRatio()) {
            throw refusals.archive(
                    Rule.LIMIT,
                    "expands from " + Refusals.number(file.count()) + " to more than " + Refusals.number(count)
                            + " bytes, more than " + Refusals.number(limits.maxCompressionRatio())
                            + " times; raise ArchiveLimits.maxCompressionRatio if you trust this file");
        }
    }

    @Override
    public void close() throws IOException {
        gzip.close();
    }
}
