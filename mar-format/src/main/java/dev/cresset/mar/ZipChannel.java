package dev.cresset.mar;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * What the zip parser sees of the file: a position of its own, and a bound on the bytes it may read for the directory.
 *
 * <p>The parser makes objects of whatever the directory says, some ten times its bytes, before anybody can count them;
 * the bound keeps that small. It is lifted once the directory is read. Position and read are two calls here; the
 * parser's streams make them while they hold this object's monitor, and the file's lock nests in it.
 */
final class ZipChannel implements SeekableByteChannel {
    private final ArchiveFile file;
    private long position;
    private long left;

    ZipChannel(ArchiveFile file, long maxDirectoryBytes) {
        this.file = file;
        this.left = maxDirectoryBytes;
    }

    /** Says whether the parser wanted more bytes than the directory may have. */
    synchronized boolean isOverdrawn() {
        return left < 0;
    }

    synchronized void liftBound() {
        left = Long.MAX_VALUE;
    }

    @Override
    public synchronized int read(ByteBuffer into) throws IOException {
        if (left != Long.MAX_VALUE) {
            left -= into.remaining();
        }
        if (isOverdrawn()) {
            throw new IOException("the directory is too large");
        }
        int count = file.read(position, into);
        position += Math.max(count, 0);
        return count;
    }

    @Override
    public synchronized long position() {
        return position;
    }

    @Override
    public synchronized SeekableByteChannel position(long newPosition) throws IOException {
        if (newPosition < 0) {
            throw new IOException("a header points before the start of the file");
        }
        position = newPosition;
        return this;
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    /** Does nothing, for the file is borrowed: the parser closes its channel when collected, and streams may outlive it. */
    @Override
    public void close() {}

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }
}
