package dev.cresset.mar.internal.archive;

import java.io.IOException;
import java.io.InputStream;

/** An input stream that is read in bulk: a single byte is a bulk of one. Instances are not safe for use by several threads. */
public abstract class BulkInput extends InputStream {
    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] into, int offset, int length) throws IOException;
}
