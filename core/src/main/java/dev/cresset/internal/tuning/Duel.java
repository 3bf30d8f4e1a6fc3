package dev.cresset.internal.tuning;

import java.util.function.BooleanSupplier;

/**
 * Two ways on the clock, in turns, so that a neighbour slows down both. Those that are near each other, and those that others
 * disturb, are timed for longer.
 *
 * @param challenger what one took
 * @param best what the other took; the same, where there is no other
 */
public record Duel(Timing challenger, Timing best) {
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
    static Duel alone(Contender one, BooleanSupplier isLate) {
        Timing timing = one.timing();
        Duel duel = new Duel(timing, timing);
        long spent = 0;
        for (int round = 0; duel.goesOn(round, one.isSlow(), spent, isLate); round++) {
            spent += one.sample(timing);
        }
        return duel;
    }

    static Duel of(Contender challenger, Contender best, BooleanSupplier isLate) {
        Duel duel = new Duel(challenger.timing(), best.timing());
        long spent = 0;
        for (int round = 0; duel.goesOn(round, challenger.isSlow(), spent, isLate); round++) {
            spent += best.sample(duel.best) + challenger.sample(duel.challenger);
        }
        return duel;
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
