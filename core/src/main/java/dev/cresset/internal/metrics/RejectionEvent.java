package dev.cresset.internal.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A request that found the queue full. */
@Name("dev.cresset.Rejection")
@Label("Rejection")
@Category("Cresset")
@Description("A request that was refused because as many wait as may wait")
@StackTrace(false)
final class RejectionEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Waiting")
    @Description("Requests that wait")
    int waiting;

    static void happened(String name, int others) {
        RejectionEvent event = new RejectionEvent();
        if (event.shouldCommit()) {
            event.model = name;
            event.waiting = others;
            event.commit();
        }
    }
}
