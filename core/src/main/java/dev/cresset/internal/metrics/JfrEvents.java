package dev.cresset.internal.metrics;

import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Events for the JVM's flight recorder. Without a recording, or in a runtime without {@code jdk.jfr}, these methods do
 * nothing and allocate nothing.
 */
public final class JfrEvents {

    private static final boolean PRESENT = isPresent();

    private JfrEvents() {}

    /** Before a native call; what it returns is for {@link #endBatch}. */
    public static @Nullable Object beginBatch() {
        return isRecording() ? BatchEvent.start() : null;
    }

    /** After a native call that computed {@code bucket} rows, of which {@code rows} were asked for. */
    public static void endBatch(@Nullable Object begun, String model, int rows, int bucket) {
        if (begun != null) {
            ((BatchEvent) begun).finish(model, rows, bucket);
        }
    }

    /** A request found the queue full. */
    public static void rejected(String model, int waiting) {
        if (isRecording()) {
            RejectionEvent.happened(model, waiting);
        }
    }

    /** Before a model is loaded; what it returns is for {@link #endModelLoad}. */
    public static @Nullable Object beginModelLoad() {
        return isRecording() ? ModelLoadEvent.start() : null;
    }

    /** After a model was loaded, and tuned if it was. */
    public static void endModelLoad(@Nullable Object begun, String model, Object plan) {
        if (begun != null) {
            ((ModelLoadEvent) begun).finish(model, plan.toString());
        }
    }

    /** Asked before a class of an event is touched: the first of them costs a tenth of a second. */
    private static boolean isRecording() {
        return PRESENT && FlightRecorder.isInitialized();
    }

    private static boolean isPresent() {
        try {
            Class.forName("jdk.jfr.FlightRecorder");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
