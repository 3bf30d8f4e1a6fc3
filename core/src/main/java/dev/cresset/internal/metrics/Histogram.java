package dev.cresset.internal.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts values by size: one bucket to each value below 64, then 32 buckets to each power of two, so that a bucket is at
 * most a thirty-second as wide as its values are large. Values above the last bucket count as in it; the maximum is exact.
 *
 * <p>Threads count in stripes of their own, as far as there are stripes. Recording allocates nothing. Instances are safe for
 * use by several threads; a snapshot that is taken while others record may lack some of what they are recording.
 */
public final class Histogram {

    /** Eighteen minutes, in nanoseconds: far above what a prediction takes. */
    private static final long LAST = (1L << 40) - 1;

    static final int BUCKETS = bucket(LAST) + 1;
    private static final int TOTAL = BUCKETS;
    private static final int MAX = BUCKETS + 1;
    private static final int MOST_STRIPES = 8;

    private final AtomicLongArray[] stripes;

    /** An empty one. */
    public Histogram() {
        int processors = Math.min(MOST_STRIPES, Runtime.getRuntime().availableProcessors());
        stripes = new AtomicLongArray[Integer.highestOneBit(processors)];
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new AtomicLongArray(BUCKETS + 2);
        }
    }

    /** Counts one value; a negative one, of a clock that went back, as zero. */
    public void record(long value) {
        long counted = Math.max(0, value);
        AtomicLongArray stripe = stripes[(int) Thread.currentThread().getId() & (stripes.length - 1)];
        stripe.getAndIncrement(bucket(Math.min(counted, LAST)));
        stripe.getAndAdd(TOTAL, counted);
        long max = stripe.get(MAX);
        while (counted > max && !stripe.compareAndSet(MAX, max, counted)) {
            max = stripe.get(MAX);
        }
    }

    /** What was counted so far. */
    public Counts snapshot() {
        long[] buckets = new long[BUCKETS];
        long total = 0;
        long max = 0;
        for (AtomicLongArray stripe : stripes) {
            for (int i = 0; i < BUCKETS; i++) {
                buckets[i] += stripe.get(i);
            }
            total += stripe.get(TOTAL);
            max = Math.max(max, stripe.get(MAX));
        }
        return new Counts(buckets, total, max);
    }

    static int bucket(long value) {
        int shift = Math.max(0, 58 - Long.numberOfLeadingZeros(value));
        return (shift << 5) + (int) (value >>> shift);
    }

    /** The smallest value of a bucket. */
    static long lowest(int bucket) {
        int shift = Math.max(0, (bucket >> 5) - 1);
        return ((long) bucket - (shift << 5)) << shift;
    }
}
