package dev.cresset.mar.internal.archive;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ProgressListener;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The content of an entry that is being written, held to the size that its source had when it was found.
 *
 * <p>The size is in the archive before the content is, so another one is an exception and never an archive. What goes wrong
 * with the source is an {@link ArchiveException}. Who opened it closes it. Instances are not safe for use by several threads.
 */
public final class SourceStream extends BulkInput {
    private final String entry;
    private final Source source;
    private final InputStream in;
    private final Progress progress;
    private final Refusals refusals;
    private long count;

    /** How many bytes of an archive are written. */
    public static final class Progress {
        private final ProgressListener listener;
        private final long total;
        private long done;

        public Progress(ProgressListener listener, long total) {
            this.listener = listener;
            this.total = total;
        }

        void add(String entry, int bytes) {
            done += bytes;
            listener.progressed(entry, done, total);
        }
    }

    public SourceStream(String entry, Source source, Progress progress, Refusals refusals) throws ArchiveException {
        this.entry = entry;
        this.source = source;
        this.progress = progress;
        this.refusals = refusals;
        try {
            this.in = source.open();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        int read;
        try {
            read = in.read(into, offset, length);
        } catch (IOException e) {
            throw failed(e);
        }
        if (read < 0) {
            requireWhole();
            return -1;
        }
        count += read;
        if (count > source.size()) {
            throw changed("more than " + Refusals.number(source.size()));
        }
        progress.add(entry, read);
        return read;
    }

    private void requireWhole() throws ArchiveException {
        if (count < source.size()) {
            throw changed(Refusals.number(count) + " of " + Refusals.number(source.size()));
        }
    }

    private ArchiveException changed(String bytes) {
        return refusals.entry(
                Rule.SOURCE,
                entry,
                "changed while it was packed, it has " + bytes + " bytes; pack again when nobody writes to " + source);
    }

    private ArchiveException failed(IOException cause) {
        return refusals.entry(
                Rule.SOURCE,
                entry,
                "cannot be packed, for " + source + " cannot be read " + Refusals.reason(cause)
                        + "; check that this process may read it",
                cause);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
