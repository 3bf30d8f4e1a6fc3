package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
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
    private final TarInput input;
    private final TarArchiveInputStream tar;

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
            this.input = new TarInput(gzip, counted, limits, refusals);
            this.tar = new TarArchiveInputStream(input, StandardCharsets.UTF_8.name());
        } catch (IOException | RuntimeException e) {
            throw failed(e);
        }
    }

    /** Goes to the next entry, past what is left of this one; says whether there is one, and if not, that the end is right. */
    boolean next() throws ArchiveException {
        try {
            if (tar.getCurrentEntry() != null) {
                tar.transferTo(OutputStream.nullOutputStream());
            }
            input.beginHeader();
            TarArchiveEntry entry = tar.getNextEntry();
            if (entry == null) {
                requireEnd();
                return false;
            }
            input.endHeader();
            if (!entry.isCheckSumOK()) {
                throw refusals.entry(Rule.DAMAGED, entry.getName(), "has a header with a wrong checksum; " + FORGED);
            }
            return true;
        } catch (IOException | RuntimeException e) {
            throw failed(e);
        }
    }

    /** Returns the header of the entry that {@code next} went to. */
    TarArchiveEntry entry() {
        return tar.getCurrentEntry();
    }

    /** Returns a stream of the entry that {@code next} went to. Closing it does nothing. */
    InputStream content() {
        return new Content(/* last= */ false);
    }

    /** Returns a stream of the entry that {@code next} went to. Closing it closes the pass. */
    InputStream lastContent() {
        return new Content(/* last= */ true);
    }

    private final class Content extends InputStream {
        private final boolean last;

        Content(boolean last) {
            this.last = last;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return tar.read(into, offset, length);
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

    private void requireEnd() throws IOException {
        requireOnlyZeros();
        if (!input.isEndMark()) {
            throw refusals.archive(
                    Rule.DAMAGED, "is a tar without the zeros at its end; it was cut short, copy or build it again");
        }
        // What follows are zeros up to the tar's block size, and then the checksum of the gzip.
        byte[] rest = new byte[BUFFER];
        for (int count = input.read(rest); count >= 0; count = input.read(rest)) {
            requireOnlyZeros();
        }
        if (buffered.read() >= 0) {
            throw refusals.archive(Rule.DAMAGED, "holds data after the end of its gzip; " + FORGED);
        }
    }

    private void requireOnlyZeros() throws ArchiveException {
        if (!input.hasOnlyZeros()) {
            throw refusals.archive(Rule.DAMAGED, "holds data after the end of its tar; " + FORGED);
        }
    }

    private ArchiveException failed(Exception cause) {
        if (!file.isOpen()) {
            throw refusals.closed();
        }
        if (cause instanceof ArchiveException refusal) {
            return refusal;
        }
        return refusals.archive(
                Rule.DAMAGED,
                "is no whole gzipped tar " + Refusals.reason(cause) + "; the file, of " + Refusals.number(file.size())
                        + " bytes, is probably cut short or damaged, copy or build it again",
                cause);
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
