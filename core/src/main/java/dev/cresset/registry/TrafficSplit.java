package dev.cresset.registry;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Shares requests out by weight: each asks which of several it goes to.
 *
 * <p>The answers follow the multiples of the golden ratio, modulo one, as they fall into intervals as long as the weights.
 * They spread more evenly than random numbers: after any number of requests, each has had its share up to a few, and so it is in
 * any regular selection of the requests, each tenth for instance.
 *
 * <p>Hot path: one atomic addition, no allocation. Instances are safe for use by several threads.
 */
final class TrafficSplit {

    /** The golden ratio's fraction as a fixed-point number of 64 bits; its multiples wrap around at one by themselves. */
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final double[] ends;
    private final AtomicLong position;

    /**
     * Shares out by these weights, none of which is negative and not all zero.
     *
     * @param position where the sequence is; one that is shared goes on where another split left off
     */
    public TrafficSplit(List<Integer> weights, AtomicLong position) {
        long total = weights.stream().mapToLong(Integer::longValue).sum();
        this.ends = new double[weights.size()];
        this.position = position;
        long sum = 0;
        for (int i = 0; i < ends.length; i++) {
            sum += weights.get(i);
            ends[i] = (double) sum / total;
        }
    }

    /** The index among the weights that the next request goes to. */
    public int next() {
        double point = (position.getAndAdd(GOLDEN_RATIO) >>> 11) * 0x1.0p-53;
        int i = 0;
        while (point >= ends[i]) { // the last that has a weight ends at one, and no point is there
            i++;
        }
        return i;
    }
}
