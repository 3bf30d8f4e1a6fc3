package dev.cresset.mar.internal.zip;

import dev.cresset.mar.internal.archive.BulkInput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * What deflated bytes stand for. They must be used up when it ends: who reads a zip from its start, knowing no sizes, would
 * take those that are left for the next entry.
 *
 * <p>Closing it frees native memory. Instances are not safe for use by several threads.
 */
final class InflatedInput extends BulkInput {
    private static final int BUFFER = 1 << 14;

    private final InputStream deflated;
    private final Inflater inflater = new Inflater(/* nowrap= */ true);
    private final byte[] buffer = new byte[BUFFER];

    InflatedInput(InputStream deflated) {
        this.deflated = deflated;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        try {
            while (!inflater.finished()) {
                int read = inflater.inflate(into, offset, length);
                if (read > 0) {
                    return read;
                }
                if (inflater.needsInput() && !inflater.finished()) {
                    fill();
                } else if (inflater.needsDictionary()) {
                    throw new IOException("the compressed data need a dictionary");
                }
            }
        } catch (DataFormatException e) {
            throw new IOException("the compressed data are wrong", e);
        }
        if (inflater.getRemaining() > 0 || deflated.read() >= 0) {
            throw new IOException("the compressed data end before they should");
        }
        return -1;
    }

    private void fill() throws IOException {
        int count = deflated.read(buffer);
        if (count < 0) {
            throw new EOFException("the compressed data do not end");
        }
        inflater.setInput(buffer, 0, count);
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        deflated.close();
    }
}
