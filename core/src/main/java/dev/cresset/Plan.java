package dev.cresset;

import dev.cresset.engine.Device;
import dev.cresset.engine.Optimization;
import dev.cresset.engine.Precision;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How a model computes, and how that came to be: {@link Model#plan}.
 *
 * <p>Immutable, safe for use by several threads. {@code toString} is a line for a log.
 *
 * @param optimization what serves
 * @param precision the numbers that it computes with
 * @param origin where the choice comes from
 * @param reason the choice in words
 * @param candidates what was tried, in order; empty if nothing was
 * @param device where it computes
 */
public record Plan(
        Optimization optimization,
        Precision precision,
        Origin origin,
        String reason,
        List<Candidate> candidates,
        Device device) {

    /** On the CPU. */
    public Plan(
            Optimization optimization, Precision precision, Origin origin, String reason, List<Candidate> candidates) {
        this(optimization, precision, origin, reason, candidates, Device.cpu());
    }

    /** Where a choice comes from. */
    public enum Origin {
        /** The {@link ModelOptions}. */
        CHOSEN,
        /** Timing when the model was opened. */
        TUNED,
        /** Timing when the same model was opened before, on the same kind of CPU, or of device. */
        REMEMBERED,
        /** Nothing to choose by. */
        NOT_TUNED,
        /** What served failed where the plain module did not. */
        FALLEN_BACK
    }

    /**
     * One way to compute the model.
     *
     * @param optimization which
     * @param time of one call, the quickest of several; empty if it was not timed
     * @param refusal why it is out; empty if it could serve
     */
    public record Candidate(Optimization optimization, Optional<Duration> time, Optional<String> refusal) {

        @Override
        public String toString() {
            return optimization + " "
                    + refusal.orElseGet(() -> time.map(Candidate::micros).orElse("not timed"));
        }

        private static String micros(Duration time) {
            return String.format(Locale.ROOT, "%,.1f us", time.toNanos() / 1e3);
        }
    }

    /** Copies the list. */
    public Plan {
        candidates = List.copyOf(candidates);
    }

    @Override
    public String toString() {
        return optimization + (precision == Precision.AS_SAVED ? "" : " in " + precision)
                + (device.isCpu() ? "" : " on " + device) + " (" + reason + ")"
                + (candidates.isEmpty()
                        ? ""
                        : ": " + candidates.stream().map(Candidate::toString).collect(Collectors.joining(", ")));
    }
}
