package dev.cresset.mar.internal.tar;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.BulkInput;
import dev.cresset.mar.internal.archive.CountedInput;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * One reading of a gzipped tar from its start, entry by entry.
 *
 * <p>Who made it closes it; the file stays open. Whatever is wrong with the bytes is an {@link ArchiveException}. Instances
 * are not safe for use by several threads.
 */
final class TarPass implements Closeable {
    private static final int BUFFER = 1 << 16;
    private static final String FORGED = "the file is damaged or forged, build or copy it again";

    /** A gzip header may hold a name and a comment of any length. */
    private static final int LARGEST_GZIP_HEADER = 1 << 16;

    private final ArchiveFile file;
    private final Refusals refusals;
    private final InputStream buffered;
    private final InputStream input;
    private final TarEntryReader entries;
    private final byte[] rest = new byte[BUFFER];
    private TarEntry entry = new TarEntry("", '0', /* isFolder= */ false, /* isSparse= */ false, /* size= */ 0);
    private long left;

    TarPass(ArchiveFile file, ArchiveLimits limits, Refusals refusals) throws ArchiveException {
        this.file = file;
        this.refusals = refusals;
        CountedInput counted = new CountedInput(file);
        this.buffered = new BufferedInputStream(counted, BUFFER);
        try {
            counted.bound(LARGEST_GZIP_HEADER);
            // One member only, as TorchServe reads it: a second one would be data that not everybody sees.
            GzipCompressorInputStream gzip = GzipCompressorInputStream.builder()
                    .setInputStream(buffered)
                    .setDecompressConcatenated(false)
                    .get();
            counted.bound(Long.MAX_VALUE);
            this.input = new BufferedInputStream(new TarInput(gzip, counted, limits, refusals), BUFFER);
            this.entries = new TarEntryReader(input, limits, refusals);
        } catch (IOException | RuntimeException e) {
            throw failed(e);
        }
    }

    /** Goes to the next entry, past what is left of this one; says whether there is one, and if not, that the end is right. */
    boolean next() throws ArchiveException {
        try {
            skipContent();
            Optional<TarEntry> next = entries.next();
            if (next.isEmpty()) {
                requireEnd();
                return false;
            }
            entry = next.get();
            left = entry.size();
            return true;
        } catch (IOException | RuntimeException e) {
            throw failed(e);
        }
    }

    private void skipContent() throws IOException {
        while (readContent(rest, 0, BUFFER) >= 0) {
            // Read and not skipped: what was skipped would not be counted.
        }
        if (input.readNBytes(TarHeader.padding(entry.size())).length < TarHeader.padding(entry.size())) {
            throw new EOFException("the tar ends within an entry");
        }
    }

    private int readContent(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        int read = input.read(into, offset, (int) Math.min(length, left));
        if (read < 0) {
            throw new EOFException("the tar ends within an entry");
        }
        left -= read;
        return read;
    }

    /** Returns what the headers say of the entry that {@code next} went to. */
    TarEntry entry() {
        return entry;
    }

    /** Returns a stream of the entry that {@code next} went to. Closing it does nothing. */
    InputStream content() {
        return new Content(/* last= */ false);
    }

    /** Returns a stream of the entry that {@code next} went to. Closing it closes the pass. */
    InputStream lastContent() {
        return new Content(/* last= */ true);
    }

    private final class Content extends BulkInput {
        private final boolean last;

        Content(boolean last) {
            this.last = last;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            try {
                return readContent(into, offset, length);
            } catch (IOException | RuntimeException e) {
                throw failed(e);
            }
        }

        @Override
        public void close() throws IOException {
            if (last) {
                TarPass.this.close();
            }
        }
    }

    /** What follows the mark of the end are zeros up to the tar's block size, and then the checksum of the gzip. */
    private void requireEnd() throws IOException {
        for (int count = input.read(rest); count >= 0; count = input.read(rest)) {
            if (!TarEntryReader.isZeros(Arrays.copyOf(rest, count))) {
                throw refusals.archive(Rule.DAMAGED, "holds data after the end of its tar; " + FORGED);
            }
        }
        if (buffered.read() >= 0) {
            throw refusals.archive(Rule.DAMAGED, "holds data after the end of its gzip; " + FORGED);
        }
    }

    private ArchiveException failed(Exception cause) {
        if (!file.isOpen()) {
            throw refusals.closed();
        }
        if (cause instanceof ArchiveException refusal) {
            return refusal;
        }
        if (cause instanceof IllegalArgumentException) {
            return refusals.archive(Rule.DAMAGED, "is no right tar: " + cause.getMessage() + "; " + FORGED, cause);
        }
        return refusals.archive(
                Rule.DAMAGED,
                "is no whole gzipped tar " + Refusals.reason(cause) + "; the file, of " + Refusals.number(file.size())
                        + " bytes, is probably cut short or damaged, copy or build it again",
                cause);
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
