package dev.cresset.engine;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What is open in the {@link FakeEngine}. As a JUnit extension it fails a test that leaves something open, with the stack of
 * who opened it.
 */
public final class OpenThings implements AfterEachCallback {

    private static final Set<Thing> OPEN = ConcurrentHashMap.newKeySet();

    static Thing opened(String kind) {
        Thing thing = new Thing(kind);
        OPEN.add(thing);
        return thing;
    }

    /** How many things of a kind are open: models, sessions or tensors. */
    public static long count(String kind) {
        return OPEN.stream().filter(thing -> thing.kind.equals(kind)).count();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        // A closed tensor that was viewed is given back when its views are garbage, so the collector must have looked.
        collectUntilClosed("tensor");
        collectUntilClosed("host memory");
        List<Thing> left = new ArrayList<>(OPEN);
        OPEN.removeAll(left);
        if (!left.isEmpty()) {
            AssertionError error = new AssertionError("left open: " + left);
            left.forEach(thing -> error.addSuppressed(thing.origin));
            throw error;
        }
    }

    /** Has the collector look, a few times, until nothing of a kind is open. */
    public static void collectUntilClosed(String kind) {
        for (int i = 0; i < 20 && count(kind) > 0; i++) {
            ReferenceQueue<Object> collected = new ReferenceQueue<>();
            PhantomReference<Object> sentinel = new PhantomReference<>(new Object(), collected);
            System.gc();
            try {
                collected.remove(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                Reference.reachabilityFence(sentinel);
            }
        }
    }

    static final class Thing {
        private final String kind;
        private final Throwable origin;
        private final AtomicBoolean open = new AtomicBoolean(true);

        Thing(String kind) {
            this.kind = kind;
            this.origin = new Throwable("this " + kind + " was opened here");
        }

        void requireOpen() {
            if (!open.get()) {
                throw new AssertionError("a " + kind + " was used after close", origin);
            }
        }

        void closed() {
            if (!open.compareAndSet(true, false)) {
                throw new AssertionError("a " + kind + " was closed twice", origin);
            }
            OPEN.remove(this);
        }

        @Override
        public String toString() {
            return kind;
        }
    }
}
