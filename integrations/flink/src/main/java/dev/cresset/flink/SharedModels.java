package dev.cresset.flink;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The models that are open in this process, each shared by the subtasks that score with it.
 *
 * <p>The first subtask that asks for a model opens it, outside the lock, and the others wait for it: if it cannot be opened, all that
 * wait hear the same reason, and it is not tried again for each of them. The last that gives it back closes it, outside the lock,
 * too; who asks meanwhile gets one of his own. Safe for use by several threads.
 */
final class SharedModels {

    private static final Map<Key, Entry> OPEN = new HashMap<>(); // guarded by itself

    private SharedModels() {}

    /**
     * What makes two subtasks share. No record: the equality that the JDK makes for records remembers the last class it was made for,
     * and with it the class loader of a job that is over.
     */
    static final class Key {
        private final List<Object> parts;

        /**
         * Names a model.
         *
         * @param loader of the job's code: classes of one job are not those of another, and neither are its handlers
         * @param settings a digest of how the predictor is opened
         * @param identity which model
         */
        Key(ClassLoader loader, String settings, String identity) {
            this.parts = List.of(loader, settings, identity);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that && parts.equals(that.parts);
        }

        @Override
        public int hashCode() {
            return parts.hashCode();
        }
    }

    private static final class Entry {
        final CompletableFuture<OpenModel<?, ?>> model = new CompletableFuture<>();
        int users; // guarded by OPEN
    }

    /** Opens a model, or says why it cannot be opened. */
    @FunctionalInterface
    interface Opening<I, O> {
        OpenModel<I, O> open() throws IOException;
    }

    /** A subtask's share of a model; to be closed, once or more often. */
    static final class Lease<I, O> implements AutoCloseable {
        private final OpenModel<I, O> model;
        private final Runnable release;
        private final AtomicBoolean isClosed = new AtomicBoolean();

        private Lease(OpenModel<I, O> model, Runnable release) {
            this.model = model;
            this.release = release;
        }

        OpenModel<I, O> model() {
            return model;
        }

        @Override
        public void close() {
            if (isClosed.compareAndSet(false, true)) {
                release.run();
            }
        }
    }

    /** Takes a share of what is open, or opens it. The same key always has the same types. */
    static <I, O> Lease<I, O> acquire(Key key, Opening<I, O> opening) throws IOException, InterruptedException {
        Entry entry;
        boolean isFirst;
        synchronized (OPEN) {
            entry = OPEN.computeIfAbsent(key, absent -> new Entry());
            isFirst = entry.users++ == 0;
        }
        if (isFirst) {
            open(key, entry, opening);
        }
        boolean success = false;
        try {
            @SuppressWarnings("unchecked")
            OpenModel<I, O> model = (OpenModel<I, O>) entry.model.get();
            success = true;
            return new Lease<>(model, () -> release(key, entry));
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } finally {
            if (!success) {
                release(key, entry);
            }
        }
    }

    private static void open(Key key, Entry entry, Opening<?, ?> opening) {
        try {
            entry.model.complete(opening.open());
        } catch (Throwable e) {
            synchronized (OPEN) {
                OPEN.remove(key, entry); // the next restart tries again
            }
            entry.model.completeExceptionally(e);
        }
    }

    private static IOException rethrown(@Nullable Throwable why) {
        if (why instanceof RuntimeException e) {
            throw e;
        }
        if (why instanceof Error e) {
            throw e;
        }
        return why instanceof IOException e ? e : new IOException(why);
    }

    private static void release(Key key, Entry entry) {
        synchronized (OPEN) {
            if (--entry.users > 0 || !OPEN.remove(key, entry)) {
                return;
            }
        }
        entry.model.join().close();
    }

    /** How many models are open here. */
    static int count() {
        synchronized (OPEN) {
            return OPEN.size();
        }
    }
}
