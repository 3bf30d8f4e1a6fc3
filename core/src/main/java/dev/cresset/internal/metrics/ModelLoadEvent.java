package dev.cresset.internal.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A model that was opened. */
@Name("dev.cresset.ModelLoad")
@Label("Model Load")
@Category("Cresset")
@Description("A model that was loaded and, if it was, tuned; its duration is all of that")
@StackTrace(false)
final class ModelLoadEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Plan")
    @Description("How the model is computed, and how that was found")
    String plan = "";

    /** Begins one, or null where no recording wants it. */
    static @Nullable ModelLoadEvent start() {
        ModelLoadEvent event = new ModelLoadEvent();
        if (!event.isEnabled()) {
            return null;
        }
        event.begin();
        return event;
    }

    void finish(String name, String how) {
        end();
        if (shouldCommit()) {
            model = name;
            plan = how;
            commit();
        }
    }
}
