package dev.cresset.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A GPU of {@link FakeEngine}: what is on it is charged to its memory; what is started on it computes when it is awaited, or when a test that
 * {@link #hold holds} it lets it go; it fails when a test says so, and for good. What happens on it is noted in order.
 */
public final class FakeDevice {

    private final Device device;
    private final long total;
    private final List<String> timeline = new ArrayList<>(); // guarded by this
    private long used; // guarded by this
    private long peak; // guarded by this
    private int started; // guarded by this
    private int failsAt = Integer.MAX_VALUE; // guarded by this
    private boolean failed; // guarded by this
    private boolean held; // guarded by this
    private int turns; // guarded by this

    FakeDevice(int index, long total) {
        this.device = Device.cuda(index);
        this.total = total;
    }

    Device device() {
        return device;
    }

    synchronized DeviceReport report() {
        return new DeviceReport(device, "Fake GPU", total, total - used, used, peak);
    }

    /** Until {@link #release}, nothing that was started comes to its end, unless it is {@link #let}. */
    public synchronized void hold() {
        held = true;
    }

    /** Lets go of so many of the calls that {@link #hold} holds. */
    public synchronized void let(int calls) {
        turns += calls;
        notifyAll();
    }

    /** Lets go of all that {@link #hold} held. */
    public synchronized void release() {
        held = false;
        turns = 0;
        notifyAll();
    }

    /** The next call but so many ends in a failure of the device, which is for good. */
    public synchronized void failAfter(int calls) {
        failsAt = started + calls + 1;
    }

    /** How many calls were started. */
    public synchronized int started() {
        return started;
    }

    /** How many bytes are in use. */
    public synchronized long used() {
        return used;
    }

    /** How many bytes are not. */
    public synchronized long free() {
        return total - used;
    }

    /** Somebody else takes so much of its memory. */
    public void take(long bytes) {
        charge(bytes);
    }

    /** Somebody else gives so much of it back. */
    public void give(long bytes) {
        giveBack(bytes);
    }

    /** What has happened, in order: {@code copy in 1}, {@code copy in 2}, {@code computed 1}, {@code copy out 1}. */
    public synchronized List<String> timeline() {
        return List.copyOf(timeline);
    }

    synchronized boolean hasFailed() {
        return failed;
    }

    synchronized void requireWorking() {
        if (failed) {
            throw new EngineException(
                    EngineException.Kind.DEVICE_FAILED, device + " failed earlier: an illegal memory access");
        }
    }

    synchronized void charge(long bytes) {
        requireWorking();
        if (used + bytes > total) {
            throw new EngineException(
                    EngineException.Kind.OUT_OF_DEVICE_MEMORY,
                    String.format(
                            Locale.ROOT,
                            "%s has no %d bytes: %d of %d are free, %d are in use by this process",
                            device,
                            bytes,
                            total - used,
                            total,
                            used));
        }
        used += bytes;
        peak = Math.max(peak, used);
    }

    synchronized void giveBack(long bytes) {
        used -= bytes;
        if (used < 0) {
            throw new AssertionError(device + " was given back more than was taken");
        }
    }

    /** A call's arguments are on their way; returns its number. */
    synchronized int copyIn() {
        requireWorking();
        started++;
        timeline.add("copy in " + started);
        return started;
    }

    /** Waits until a call may compute. */
    synchronized void awaitTurn() {
        try {
            while (held && turns == 0) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new AssertionError("a wait for a device was interrupted", e);
        }
        turns = held ? turns - 1 : 0;
    }

    synchronized void computed(int call) {
        if (call >= failsAt) {
            failed = true;
        }
        requireWorking();
        timeline.add("computed " + call);
    }

    synchronized void copyOut(int call) {
        timeline.add("copy out " + call);
    }

    synchronized void requireUnused() {
        if (used != 0) {
            throw new AssertionError(used + " bytes of " + device + " are in use");
        }
    }
}
