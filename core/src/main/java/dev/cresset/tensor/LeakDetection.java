package dev.cresset.tensor;

import dev.cresset.config.SystemProperties;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Says where a tensor was made that became garbage without having been closed. Off unless the system property {@code
 * cresset.leakDetection} is {@code true}, and free then: taking a stack trace for every tensor is not.
 */
final class LeakDetection {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    private LeakDetection() {}

    /** Where the object that is being made comes from, or nothing where nobody asked. */
    static Origin origin(DataType type, long... shape) {
        // Read each time: tests switch it on, and a running service may.
        return Boolean.getBoolean(SystemProperties.LEAK_DETECTION)
                ? new Origin(new Throwable("tensor " + type + " " + Arrays.toString(shape) + " was made here"))
                : Origin.NONE;
    }

    /** Where an object was made, until it is closed. */
    static final class Origin {
        static final Origin NONE = new Origin(null);

        private volatile @Nullable Throwable made;

        private Origin(@Nullable Throwable made) {
            this.made = made;
        }

        boolean isKnown() {
            return made != null;
        }

        void closed() {
            made = null;
        }

        void report() {
            Throwable trace = made;
            if (trace != null) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a tensor was never closed; the garbage collector freed it",
                        trace);
            }
        }
    }
}
