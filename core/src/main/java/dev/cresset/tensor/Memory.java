package dev.cresset.tensor;

import java.lang.ref.Cleaner;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes behind a tensor. This is the side of a tensor that engines see; other code has no use for it.
 *
 * <p>Whoever reads or writes the bytes counts as a user of them for as long as it does: the tensor until it is closed, a
 * call while it runs, and the views that were handed out until the last of them is garbage. The bytes are given back
 * when there is no user left, so that neither a close on another thread nor a forgotten view can pull memory from under
 * a reader. A view that is read after its tensor's close reads stale numbers, never somebody else's memory.
 *
 * <p>Instances are safe for use by several threads; in which order these read and write the bytes is for them to settle.
 */
public final class Memory {

    /** Makes a buffer over native memory; the engine that owns the memory knows how. */
    @FunctionalInterface
    public interface Viewer {
        /** A direct buffer over these bytes, which keeps nothing alive. */
        ByteBuffer view(long address, int bytes);
    }

    /** Where LibTorch's own allocator puts tensors too: a cache line, and the widest vector register. */
    private static final int ALIGNMENT = 64;

    static final Cleaner CLEANER = Cleaner.create();

    private final MemoryUsers users;
    private final long bytes;
    private final @Nullable Viewer viewer;
    /** What this is a part of, and where it begins there. */
    private final @Nullable Memory whole;

    private final long offset;
    /** A caller's buffer, which he may have given back to where he had it from. */
    private final @Nullable Buffer borrowed;

    private volatile long address;
    private volatile @Nullable FloatBuffer floats;
    private @Nullable Buffer root; // guarded by this
    private boolean viewed; // guarded by this

    private Memory(long bytes, long address, @Nullable Buffer root, @Nullable Viewer viewer, MemoryUsers users) {
        this.bytes = bytes;
        this.address = address;
        this.root = root;
        this.viewer = viewer;
        this.users = users;
        this.whole = null;
        this.offset = 0;
        this.borrowed = viewer == null && users.isLent() ? root : null;
    }

    private Memory(Memory whole, long offset, long bytes) {
        this.bytes = bytes;
        this.address = whole.address == 0 ? 0 : whole.address + offset;
        this.viewer = null;
        this.users = whole.users;
        this.whole = whole;
        this.offset = offset;
        this.borrowed = whole.borrowed;
    }

    /** Some of the bytes, with the same users. */
    Memory part(long from, long size) {
        return whole != null ? whole.part(offset + from, size) : new Memory(this, from, size);
    }

    /** New zeroed memory of the JVM's own, counted against {@code -XX:MaxDirectMemorySize}. */
    public static Memory allocate(int bytes) {
        int rounded = Math.max(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        ByteBuffer base = ByteBuffer.allocateDirect(rounded + ALIGNMENT);
        ByteBuffer root = base.alignedSlice(ALIGNMENT).slice(0, bytes).order(ByteOrder.nativeOrder());
        return new Memory(bytes, 0, root, null, MemoryUsers.of(bytes, () -> DirectBuffers.free(base)));
    }

    /** Memory that a caller lends: kept reachable, never freed. */
    static Memory lent(Buffer root, long bytes) {
        return new Memory(bytes, 0, root, null, MemoryUsers.ofLent(bytes));
    }

    /**
     * Memory of an engine, which takes it back by {@code free} once nobody needs it: called once, on any thread. It must
     * not refer to a buffer over the memory.
     */
    public static Memory ofEngine(long address, long bytes, Viewer viewer, Runnable free) {
        return new Memory(bytes, address, null, viewer, MemoryUsers.of(bytes, free));
    }

    /**
     * How many bytes of tensors are alive outside the heap, in this process: those that were not freed, without those that
     * callers lend.
     */
    public static long alive() {
        return MemoryUsers.alive();
    }

    /** How many bytes there are. */
    public long bytes() {
        return bytes;
    }

    /** Where the bytes are, or zero while no engine has asked. Valid while the caller counts as a user. */
    public long address() {
        return address;
    }

    /** Remembers where {@link #buffer} lies, once an engine has found out. */
    public void address(long found) {
        address = found;
    }

    /** Whether the bytes are there, at this moment. */
    boolean isAlive() {
        return users.isAlive();
    }

    /** Counts one more user; false if the last one has gone already. */
    public boolean acquire() {
        return users.acquire();
    }

    /**
     * Asks whether bytes that are a caller's are still there. Nobody can keep them there: an arena is not to be closed while a
     * call runs. Allocates nothing.
     *
     * @throws IllegalStateException if they are not
     */
    public void requireThere() {
        Buffer callers = borrowed;
        if (callers != null) {
            Views.touch(callers);
        }
    }

    /** Whether {@link #requireThere} has anything to ask. */
    public boolean isBorrowed() {
        return borrowed != null;
    }

    /** Counts one user less; the last one gives the bytes back. */
    public void release() {
        users.release();
    }

    /** All the bytes, from position zero. Only for a user, and not to be handed on: it does not count as one. */
    public synchronized Buffer buffer() {
        Buffer buffer = root;
        if (buffer == null && whole != null) {
            buffer = slice(whole.buffer());
            root = buffer;
        } else if (buffer == null) {
            if (viewer == null || bytes > Integer.MAX_VALUE) {
                throw new IllegalStateException(
                        "a tensor of " + bytes + " bytes is too large for one Java buffer, which holds 2 GiB");
            }
            buffer = viewer.view(address, (int) bytes).order(ByteOrder.nativeOrder());
            root = buffer;
        }
        return buffer;
    }

    /** Reads floats from the start. Only for a user. Allocates nothing but the first time. */
    void get(float[] target, int length) {
        whole().floats().get((int) (offset / Float.BYTES), target, 0, length);
    }

    /** Writes floats to the start. Only for a user. Allocates nothing but the first time. */
    void put(float[] source) {
        whole().floats().put((int) (offset / Float.BYTES), source);
    }

    /** Writes zeros to all the bytes. Only for a user. Allocates nothing but the first time. */
    void clear() {
        Views.clear(buffer());
    }

    private Memory whole() {
        return whole == null ? this : whole;
    }

    /** Shared by all threads, so without a position of its own: only for reads and writes that say where. */
    private FloatBuffer floats() {
        FloatBuffer shared = floats;
        if (shared == null) {
            shared = Views.floats(buffer());
            floats = shared;
        }
        return shared;
    }

    /** All the bytes, to be handed on: they stay while this buffer, or any made from it, is reachable. */
    synchronized Buffer view() {
        Buffer part = root;
        if (whole != null && (part == null || !viewed)) {
            part = slice(whole.view());
            root = part;
            viewed = true;
        }
        if (whole != null && part != null) {
            return part;
        }
        Buffer buffer = buffer();
        if (!viewed) {
            viewed = true;
            if (viewer == null) {
                users.leaveToTheJvm();
            } else {
                users.view();
                // Refers to the count alone: what referred to the buffer would keep it from becoming garbage.
                CLEANER.register(buffer, users::releaseViews);
            }
        }
        return buffer;
    }

    private Buffer slice(Buffer of) {
        return Views.bytes(of).slice((int) offset, (int) bytes).order(ByteOrder.nativeOrder());
    }

    /** The tensor was closed. Calls under way hold this object, and with it the buffer, until they are done. */
    void close() {
        users.releaseOwner();
    }

    MemoryUsers users() {
        return users;
    }
}
