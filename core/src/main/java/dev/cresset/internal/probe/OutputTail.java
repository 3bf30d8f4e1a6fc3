package dev.cresset.internal.probe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;

/**
 * The end of what a process writes, read by a thread of its own, so that the process never waits for a reader for long, nor fills this
 * one's memory. One that writes without end is slowed down, or it would keep this one busy.
 */
final class OutputTail {
    private static final int KEPT = 8 << 10;
    private static final long UNHINDERED = 1 << 20;

    private final byte[] ring = new byte[KEPT]; // guarded by this
    private long written; // guarded by this
    private final Thread reader;

    OutputTail(InputStream output) {
        reader = new Thread(() -> read(output), "cresset-probe-output");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(InputStream output) {
        byte[] part = new byte[64 << 10];
        try (output) {
            for (int count = output.read(part); count >= 0; count = output.read(part)) {
                if (add(part, count) > UNHINDERED) {
                    Thread.sleep(1);
                }
            }
        } catch (IOException e) {
            // The process is gone; what it wrote before is there.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized long add(byte[] part, int count) {
        for (int i = Math.max(0, count - KEPT); i < count; i++) {
            ring[(int) ((written + i) % KEPT)] = part[i];
        }
        written += count;
        return written;
    }

    /** After the process has ended: its last words. */
    String text() throws InterruptedException {
        reader.join(1000); // what it started may hold the other end
        synchronized (this) {
            int count = (int) Math.min(written, KEPT);
            byte[] last = new byte[count];
            for (int i = 0; i < count; i++) {
                last[i] = ring[(int) ((written - count + i) % KEPT)];
            }
            return new String(last, Charset.defaultCharset());
        }
    }
}
