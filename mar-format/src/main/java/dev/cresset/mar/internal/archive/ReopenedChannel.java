package dev.cresset.mar.internal.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file opened for reading by its {@code Path}, which the interrupt of a thread does close; but then it is opened again, and
 * the read is repeated. For what {@link UninterruptibleChannel} cannot open. Not safe for use by several threads, apart from
 * {@code close} and {@code isOpen}.
 */
final class ReopenedChannel implements SeekableByteChannel {
    private final Path path;
    private final long size;
    private final @Nullable Object key;
    private volatile boolean open = true;
    private SeekableByteChannel channel;
    private long next;

    ReopenedChannel(Path path) throws IOException {
        this.path = path;
        this.channel = Files.newByteChannel(path);
        this.size = channel.size();
        this.key = key();
    }

    /** What tells a file from another of the same name, where the file system has such a thing. */
    private @Nullable Object key() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return readOnce(into);
                } catch (ClosedByInterruptException e) {
                    interrupted = Thread.interrupted(); // or the next one would be closed, too
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private int readOnce(ByteBuffer into) throws IOException {
        if (!open) {
            throw new ClosedChannelException();
        }
        if (!channel.isOpen()) {
            reopen();
        }
        channel.position(next);
        int count = channel.read(into);
        next += Math.max(0, count);
        return count;
    }

    private void reopen() throws IOException {
        channel = Files.newByteChannel(path);
        if (channel.size() != size || !Objects.equals(key(), key)) {
            throw new IOException("there is another file of that name now");
        }
    }

    @Override
    public long position() {
        return next;
    }

    @Override
    public SeekableByteChannel position(long position) {
        next = position;
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        open = false;
        channel.close();
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long newSize) {
        throw new NonWritableChannelException();
    }
}
