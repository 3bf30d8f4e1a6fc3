package dev.cresset.mar.internal.archive;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveFormat;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * The files of one archive, whatever holds them; all names and sizes are checked before any is read.
 *
 * <p>The archive that made it closes it; a read that comes later is an {@link IllegalStateException}. Instances are safe
 * for use by several threads.
 */
public abstract class Contents implements Closeable {
    public static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    public final Refusals refusals;

    public Contents(Refusals refusals) {
        this.refusals = refusals;
    }

    public abstract ArchiveFormat format();

    /** Returns the names of the files, in the archive's own order. */
    public abstract Set<String> names();

    public abstract long size(String name) throws ArchiveException;

    public final long totalSize() throws ArchiveException {
        long total = 0;
        for (String name : names()) {
            total += size(name);
        }
        return total;
    }

    /** Opens a stream that the caller closes, and that ends only if all of the content was right. */
    public final InputStream open(String name) throws ArchiveException {
        return open(name, /* ahead= */ false);
    }

    /** Opens such a stream; where that is faster, {@code ahead} of its user, who then closes it soon: a thread waits for him. */
    public abstract InputStream open(String name, boolean ahead) throws ArchiveException;

    /** Hands all files to a visitor, one after the other, in whatever order is cheapest. */
    public void each(Visitor visitor) throws IOException {
        for (String name : names()) {
            try (InputStream content = open(name, /* ahead= */ true)) {
                visitor.visit(name, content);
            }
        }
    }

    /** Digests all there is, whether it was read before or not. */
    public abstract String sha256() throws IOException;

    public abstract boolean isOpen();

    public final byte[] read(String name) throws IOException {
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

    public final ArchiveException noSuchEntry(String name) {
        return refusals.entry(Rule.NO_SUCH_ENTRY, name, "is not in the archive; it holds: " + Refusals.listed(names()));
    }

    /** What is done with each file; the stream is lent, and dies when the method returns. */
    public interface Visitor {
        void visit(String name, InputStream content) throws IOException;
    }
}
