package dev.cresset.internal.requests;

import dev.cresset.internal.Durations;
import dev.cresset.internal.batching.RowTicket;
import java.time.Duration;

/**
 * When requests are late. Immutable.
 *
 * @param at as {@link System#nanoTime} counts; {@link RowTicket#NEVER} for never
 * @param nanos how long they were given
 */
public record Deadline(long at, long nanos) {

    /** There is time without end. */
    public static final Deadline NEVER = new Deadline(RowTicket.NEVER, Long.MAX_VALUE);

    /** That of requests that may take so long from now on. */
    public static Deadline after(Duration most) {
        long nanos = Durations.nanos(most);
        return nanos == Long.MAX_VALUE ? NEVER : new Deadline(System.nanoTime() + Math.max(-1, nanos), nanos);
    }

    boolean isNever() {
        return at == RowTicket.NEVER;
    }

    boolean isPast() {
        return !isNever() && at - System.nanoTime() <= 0;
    }

    /** As messages say it: "within 50 ms". */
    String text() {
        return "within " + Durations.text(Duration.ofNanos(Math.max(0, nanos)));
    }
}
