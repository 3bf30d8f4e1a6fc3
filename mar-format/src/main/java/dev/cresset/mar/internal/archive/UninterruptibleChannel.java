package dev.cresset.mar.internal.archive;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * A file opened for reading that an interrupt does not close.
 *
 * <p>The JDK closes a {@code FileChannel} when a thread is interrupted while it reads. An archive is shared: one
 * cancelled task must not close it for the others. Takes heap buffers only.
 */
final class UninterruptibleChannel implements SeekableByteChannel {
    private final RandomAccessFile file;
    private volatile boolean open = true;

    UninterruptibleChannel(File file) throws IOException {
        this.file = new RandomAccessFile(file, "r");
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        int count = file.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
        if (count > 0) {
            into.position(into.position() + count);
        }
        return count;
    }

    @Override
    public long position() throws IOException {
        return file.getFilePointer();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
        file.seek(position);
        return this;
    }

    @Override
    public long size() throws IOException {
        return file.length();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        open = false;
        file.close();
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }
}
