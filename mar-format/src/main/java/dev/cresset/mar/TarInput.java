package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * The bytes of a tar as they come out of its gzip, counted: what one header takes, what all headers take, and how much
 * more comes out than goes in.
 *
 * <p>The tar parser reads headers of any length before anybody can object, follows one by the next in recursion, and skips
 * what it does not understand. So the bounds are here, below it. Marks are not supported, and {@code skip} reads.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class TarInput extends InputStream {
    /** Enough for the longest name and a dozen attributes; the parser recurses once in every 512 bytes. */
    private static final int LARGEST_HEADER = 1 << 16;

    private static final int RATIO_FREE_BYTES = 1 << 20;
    private static final int RECORD = 512;
    private static final int NOT_IN_HEADER = -1;

    private final GzipCompressorInputStream gzip;
    private final CountedInput file;
    private final ArchiveLimits limits;
    private final Refusals refusals;
    private long count;
    private long headersCount;
    private int headerCount = NOT_IN_HEADER;
    private boolean onlyZeros;

    TarInput(GzipCompressorInputStream gzip, CountedInput file, ArchiveLimits limits, Refusals refusals) {
        this.gzip = gzip;
        this.file = file;
        this.limits = limits;
        this.refusals = refusals;
    }

    /** From now on bytes belong to an entry's headers. */
    void beginHeader() {
        headerCount = 0;
        onlyZeros = true;
    }

    void endHeader() {
        headerCount = NOT_IN_HEADER;
    }

    /** Says whether all that was read since {@code beginHeader} are zeros. */
    boolean hasOnlyZeros() {
        return onlyZeros;
    }

    /** Says whether enough was read since {@code beginHeader} for a tar's end mark: at least one record. */
    boolean isEndMark() {
        return headerCount >= RECORD;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
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
        if (headerCount != NOT_IN_HEADER) {
            for (int i = offset; i < offset + read; i++) {
                onlyZeros &= into[i] == 0;
            }
            headerCount += read;
            headersCount += read;
            requireSmallHeaders();
        }
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

    private void requireSmallHeaders() throws ArchiveException {
        // The zeros at a tar's end may fill any number of records.
        if (headerCount > LARGEST_HEADER && !onlyZeros) {
            throw refusals.archive(
                    Rule.DAMAGED,
                    "has an entry whose headers take more than " + Refusals.number(LARGEST_HEADER)
                            + " bytes; no archiver writes that, do not use this file if you do not know who made it");
        }
        if (headersCount > limits.maxDirectoryBytes()) {
            throw refusals.archive(
                    Rule.LIMIT,
                    "its headers take more than " + Refusals.number(limits.maxDirectoryBytes())
                            + " bytes; raise ArchiveLimits.maxDirectoryBytes if you trust this file");
        }
    }
}
