package dev.cresset.internal.tuning;

import java.util.Arrays;

/**
 * What a way's calls took, sample by sample. The quickest counts: all that neighbours do makes a sample longer. Samples are held
 * to the processor's time, unless the thread had the processor so little that its calls must have waited for work
 * elsewhere; then to the wall's.
 *
 * <p>Used by one thread.
 */
public final class Timing {
    private static final double CALM_SHARE = 0.8;
    private static final double OWN_WORK_SHARE = 0.05;
    private static final double CALM_SPREAD = 1.25;

    private double[] wall = new double[0];
    private double[] cpu = new double[0];

    /** Adds a sample of so many calls. */
    void add(long wallNanos, long cpuNanos, int calls) {
        wall = with(wall, wallNanos, calls);
        cpu = with(cpu, cpuNanos, calls);
    }

    private static double[] with(double[] samples, long nanos, int calls) {
        double[] more = Arrays.copyOf(samples, samples.length + 1);
        more[samples.length] = (double) nanos / calls;
        return more;
    }

    boolean isEmpty() {
        return wall.length == 0;
    }

    /** One call, undisturbed as far as can be seen. */
    long nanos() {
        return Math.round(Arrays.stream(deciding()).min().orElse(0));
    }

    /** Whether others had a part in it: they took the processor from this thread, or slowed it down. */
    boolean isNoisy() {
        double[] sorted = deciding().clone();
        Arrays.sort(sorted);
        boolean spread = sorted.length > 1 && sorted[sorted.length / 2] > CALM_SPREAD * sorted[0];
        return spread
                || Arrays.stream(cpu).sum() < CALM_SHARE * Arrays.stream(wall).sum();
    }

    private double[] deciding() {
        for (int i = 0; i < wall.length; i++) {
            if (cpu[i] >= OWN_WORK_SHARE * wall[i]) {
                return cpu;
            }
        }
        return wall;
    }
}
