package dev.cresset.internal.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** One native call. */
@Name("dev.cresset.Batch")
@Label("Batch")
@Category("Cresset")
@Description("A native call that answers one or more requests; its duration is the call's")
@StackTrace(false)
final class BatchEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Rows")
    @Description("Rows that requests asked for")
    int rows;

    @Label("Bucket")
    @Description("Rows that were computed, with padding")
    int bucket;

    /** Begins one, or null where no recording wants it. */
    static @Nullable BatchEvent start() {
        BatchEvent event = new BatchEvent();
        if (!event.isEnabled()) {
            return null;
        }
        event.begin();
        return event;
    }

    void finish(String name, int asked, int computed) {
        end();
        if (shouldCommit()) {
            model = name;
            rows = asked;
            bucket = computed;
            commit();
        }
    }
}
