package dev.cresset.engine;

import java.util.Locale;

/**
 * A device that is there, and its memory at one moment, in bytes. Of the CPU, whose memory is the machine's, all numbers are zero.
 *
 * <p>Immutable, safe for use by several threads. {@code toString} is a line for a log.
 *
 * @param device which
 * @param name what its maker calls it
 * @param totalBytes how much memory it has
 * @param freeBytes how much of it this process can have: what nobody has taken, and what an engine keeps here to use again
 * @param usedBytes how much of it models, calls and results of this process use
 * @param peakBytes the most that they have used at a time
 */
public record DeviceReport(
        Device device, String name, long totalBytes, long freeBytes, long usedBytes, long peakBytes) {

    /** The CPU, by its architecture. */
    public static DeviceReport ofCpu() {
        return new DeviceReport(Device.cpu(), System.getProperty("os.arch", "CPU"), 0, 0, 0, 0);
    }

    @Override
    public String toString() {
        return device.isCpu()
                ? device + " " + name
                : String.format(
                        Locale.ROOT,
                        "%s %s: %,d of %,d MB free, %,d MB used here (%,d MB at the most)",
                        device,
                        name,
                        freeBytes >> 20,
                        totalBytes >> 20,
                        usedBytes >> 20,
                        peakBytes >> 20);
    }
}
