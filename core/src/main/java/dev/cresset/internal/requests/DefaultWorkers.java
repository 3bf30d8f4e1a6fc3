package dev.cresset.internal.requests;

import dev.cresset.config.SystemProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** How many calls run at once where nobody has said. */
public final class DefaultWorkers {

    private static final Path CPUS = Path.of("/sys/devices/system/cpu");

    /** More than any machine has processors. */
    private static final int MOST = 4096;

    private DefaultWorkers() {}

    /**
     * One to each physical core, or to as many of them as one call takes: two threads on one core's units only get in each
     * other's way. The property {@code cresset.workers} overrides it.
     */
    public static int byDefault(int coresOfACall) {
        Integer set = Integer.getInteger(SystemProperties.WORKERS);
        if (set != null) {
            return checked(set);
        }
        return Math.max(1, physicalCores() / coresOfACall);
    }

    /**
     * One to each device: while its batch computes there, it brings the next. The property {@code cresset.workers} overrides it, as
     * long as each device has one.
     */
    public static int onDevices(int devices) {
        return checked(Math.max(devices, Integer.getInteger(SystemProperties.WORKERS, devices)));
    }

    public static int checked(int workers) {
        if (workers < 1 || workers > MOST) {
            throw new IllegalArgumentException("workers is " + workers + ", it must be from 1 to " + MOST
                    + ": each is a thread with memory for a batch of its own");
        }
        return workers;
    }

    /** No more than this process may use; all that it may use, where the system does not tell cores from threads. */
    private static int physicalCores() {
        int processors = Runtime.getRuntime().availableProcessors();
        Set<String> cores = new HashSet<>();
        for (int i = 0; ; i++) {
            Path siblings = CPUS.resolve("cpu" + i).resolve("topology").resolve("thread_siblings_list");
            if (!Files.isReadable(siblings)) {
                break;
            }
            try {
                cores.add(Files.readString(siblings));
            } catch (IOException e) {
                return processors;
            }
        }
        return cores.isEmpty() ? processors : Math.min(processors, cores.size());
    }
}
