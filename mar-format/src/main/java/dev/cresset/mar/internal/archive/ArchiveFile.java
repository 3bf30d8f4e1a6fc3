package dev.cresset.mar.internal.archive;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The one open file behind an archive.
 *
 * <p>Every read names its position and holds this object's lock, and {@code close} takes the same lock: a read that has
 * begun finishes, one that begins later finds the file closed. It is the innermost lock of this package, and no user's
 * code runs under it.
 *
 * <p>Instances are safe for use by several threads.
 */
public final class ArchiveFile implements Closeable {
    private final SeekableByteChannel channel;
    private final long size;

    private ArchiveFile(SeekableByteChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
    }

    public static ArchiveFile open(Path path, Refusals refusals) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toAbsolutePath().toString(), null, "there is no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw refusals.archive(Rule.UNREADABLE, "is neither a file nor a link to one");
        }
        try {
            return over(channel(path));
        } catch (IOException e) {
            throw refusals.archive(
                    Rule.UNREADABLE,
                    "cannot be opened " + Refusals.reason(e) + "; check that this process may read it",
                    e);
        }
    }

    /** Takes the channel over: it is closed when its size cannot be had. */
    private static ArchiveFile over(SeekableByteChannel channel) throws IOException {
        try {
            return new ArchiveFile(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static SeekableByteChannel channel(Path path) throws IOException {
        return FileNames.isFile(path) ? new UninterruptibleChannel(path.toFile()) : new ReopenedChannel(path);
    }

    /** Returns the file's size when it was opened. */
    public long size() {
        return size;
    }

    /** Reads some bytes from a position on; returns their number, or -1 at the end of the file. */
    public synchronized int read(long position, ByteBuffer into) throws IOException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        channel.position(position);
        return channel.read(into);
    }

    /** Fills the buffer from a position on and flips it; what the file no longer holds is missing from it. */
    public ByteBuffer readFully(long position, ByteBuffer into) throws IOException {
        long next = position;
        while (into.hasRemaining()) {
            int count = read(next, into);
            if (count < 0) {
                break;
            }
            next += count;
        }
        return into.flip();
    }

    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
