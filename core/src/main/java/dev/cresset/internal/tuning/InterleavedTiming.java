package dev.cresset.internal.tuning;

import java.util.function.BooleanSupplier;

/**
 * Two ways on the clock, in turns, so that a neighbour slows down both. Those that are near each other, and those that others
 * disturb, are timed for longer.
 *
 * @param challenger what one took
 * @param best what the other took; the same, where there is no other
 */
public record InterleavedTiming(Timing challenger, Timing best) {
    private static final int ROUNDS = 9;
    private static final int FEWEST_ROUNDS = 3;
    private static final long ENOUGH_NANOS = 300_000_000;
    private static final int LONGER = 2;
    private static final double CLOSE = 1.1;

    /** What is so much slower, undisturbed, is not timed on. */
    private static final double HOPELESS = 1.5;

    /** Noise does not turn what is so far apart. */
    private static final double CLEAR = 2;

    /** Times one alone. */
    static InterleavedTiming alone(CandidateModel one, BooleanSupplier isLate) {
        Timing timing = one.timing();
        InterleavedTiming timed = new InterleavedTiming(timing, timing);
        long spent = 0;
        for (int round = 0; timed.goesOn(round, one.isSlow(), spent, isLate); round++) {
            spent += one.sample(timing);
        }
        return timed;
    }

    static InterleavedTiming of(CandidateModel challenger, CandidateModel best, BooleanSupplier isLate) {
        InterleavedTiming timed = new InterleavedTiming(challenger.timing(), best.timing());
        long spent = 0;
        for (int round = 0; timed.goesOn(round, challenger.isSlow(), spent, isLate); round++) {
            spent += best.sample(timed.best) + challenger.sample(timed.challenger);
        }
        return timed;
    }

    private boolean goesOn(int round, boolean slow, long spent, BooleanSupplier isLate) {
        if (challenger.isEmpty() || best.isEmpty() || (!slow && round < FEWEST_ROUNDS)) {
            return true;
        }
        if (isLate.getAsBoolean() || (!isNoisy() && ratio() > HOPELESS)) {
            return false;
        }
        boolean longer = isNoisy() || (challenger != best && Math.max(ratio(), 1 / ratio()) < CLOSE);
        if (slow) {
            return longer && round < FEWEST_ROUNDS;
        }
        return round < ROUNDS * (longer ? LONGER : 1) && spent < ENOUGH_NANOS * (longer ? LONGER : 1);
    }

    private double ratio() {
        return (double) challenger.nanos() / Math.max(1, best.nanos());
    }

    private boolean isNoisy() {
        return challenger.isNoisy() || best.isNoisy();
    }

    /** Whether others had a part in it that may have decided. */
    boolean isDisturbed() {
        return isNoisy() && Math.max(ratio(), 1 / ratio()) < CLEAR;
    }
}
