package dev.cresset.mar.internal.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A stream that is read ahead of its user on a thread of its own: what makes the bytes, such as inflating them, and what
 * the user does with them, such as checking and writing them, then take a processor each.
 *
 * <p>A few buffers go round between the two, and whoever is the faster waits. What goes wrong on the thread is thrown to the
 * user, once he has got all bytes before it. Takes the other stream over. Closing ends the thread and waits for that, which
 * takes no longer than to fill one buffer. An interrupt ends no wait, and stays with the thread that got it, as with any
 * other read of an archive.
 *
 * <p>Instances are not safe for use by several threads.
 */
public final class ReadAhead extends BulkInput {
    private static final int BUFFERS = 3;
    private static final int BUFFER = 1 << 18;

    /** Fewer bytes are read by the time a thread has started. */
    private static final int WORTH_A_THREAD = 1 << 20;

    private final InputStream source;
    private final Thread thread = new Thread(this::fillAll, "cresset-read-ahead");

    /** Has room for all buffers and for the one without room, which tells the thread to end. */
    private final BlockingQueue<Chunk> empty = new ArrayBlockingQueue<>(BUFFERS + 1);

    private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(BUFFERS);
    private Chunk current = new Chunk(BUFFER);
    private int position;
    private boolean closed;

    private ReadAhead(InputStream source) {
        this.source = source;
        for (int i = 1; i < BUFFERS; i++) {
            empty.add(new Chunk(BUFFER));
        }
        thread.setDaemon(true);
    }

    /** Returns the stream itself if it is short, or there is no other processor to read it on. */
    public static InputStream of(InputStream source, long size) {
        return size < WORTH_A_THREAD || Runtime.getRuntime().availableProcessors() == 1 ? source : start(source);
    }

    /** Returns the stream itself if there is no thread to be had. */
    public static InputStream start(InputStream source) {
        ReadAhead ahead = new ReadAhead(source);
        try {
            ahead.thread.start();
            return ahead;
        } catch (OutOfMemoryError e) {
            return source;
        }
    }

    /** Some bytes, and in the last chunk why there are no more: a failure, or none at the end. */
    private static final class Chunk {
        private final byte[] bytes;
        private int count;
        private boolean last;
        private @Nullable Throwable failure;

        Chunk(int size) {
            this.bytes = new byte[size];
        }

        boolean hasRoom() {
            return bytes.length > 0;
        }

        void fill(InputStream source) {
            count = 0;
            try {
                while (!last && count < bytes.length) {
                    int read = source.read(bytes, count, bytes.length - count);
                    last = read < 0;
                    count += Math.max(read, 0);
                }
            } catch (IOException | RuntimeException | Error e) {
                last = true;
                failure = e;
            }
        }
    }

    private void fillAll() {
        boolean more = true;
        while (more) {
            Chunk chunk = take(empty);
            if (chunk.hasRoom()) {
                chunk.fill(source);
                full.add(chunk);
            }
            more = chunk.hasRoom() && !chunk.last;
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (closed) {
            throw new IOException("the stream is closed");
        }
        while (position == current.count) {
            if (current.last) {
                return end(current.failure);
            }
            empty.add(current);
            current = take(full);
            position = 0;
        }
        int read = Math.min(length, current.count - position);
        System.arraycopy(current.bytes, position, into, offset, read);
        position += read;
        return read;
    }

    private static int end(@Nullable Throwable failure) throws IOException {
        if (failure instanceof IOException e) {
            throw e;
        } else if (failure instanceof RuntimeException e) {
            throw e;
        } else if (failure instanceof Error e) {
            throw e;
        }
        return -1;
    }

    private interface Wait<T> {
        T end() throws InterruptedException;
    }

    private static Chunk take(BlockingQueue<Chunk> queue) {
        return uninterrupted(queue::take);
    }

    private static <T> T uninterrupted(Wait<T> wait) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return wait.end();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        empty.clear(); // or the thread would fill these first
        empty.offer(new Chunk(0));
        uninterrupted(() -> {
            thread.join();
            return thread;
        });
        source.close();
    }
}
