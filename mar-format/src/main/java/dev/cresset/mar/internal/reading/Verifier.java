package dev.cresset.mar.internal.reading;

import dev.cresset.mar.ProgressListener;
import dev.cresset.mar.internal.archive.Contents;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads all of an archive and keeps nothing.
 *
 * <p>Instances are not safe for use by several threads.
 */
public final class Verifier {
    private static final int BUFFER = 1 << 16;

    private final Contents contents;
    private final ProgressListener listener;
    private final byte[] buffer = new byte[BUFFER];
    private long done;

    public Verifier(Contents contents, ProgressListener listener) {
        this.contents = contents;
        this.listener = listener;
    }

    public void verify() throws IOException {
        long total = contents.totalSize();
        contents.each((name, content) -> readToEnd(name, content, total));
    }

    private void readToEnd(String name, InputStream content, long total) throws IOException {
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            done += count;
            listener.progressed(name, done, total);
        }
    }
}
