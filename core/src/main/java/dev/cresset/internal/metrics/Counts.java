package dev.cresset.internal.metrics;

import java.util.SortedMap;
import java.util.TreeMap;

/** What a {@link Histogram} had counted at some moment. Instances are immutable. */
public final class Counts {

    private final long[] buckets;
    private final long count;
    private final long total;
    private final long max;

    Counts(long[] buckets, long total, long max) {
        this.buckets = buckets;
        long all = 0;
        for (long bucket : buckets) {
            all += bucket;
        }
        this.count = all;
        this.total = total;
        this.max = max;
    }

    /**
     * What was counted since an earlier moment of the same histogram; all, if the other is none. The largest value is that of all,
     * or the upper end of the highest bucket that anything was added to.
     */
    public Counts since(Counts earlier) {
        long[] added = new long[buckets.length];
        int highest = -1;
        for (int i = 0; i < buckets.length; i++) {
            added[i] = buckets[i] - earlier.buckets[i];
            if (added[i] < 0) {
                return this;
            }
            highest = added[i] > 0 ? i : highest;
        }
        long most = highest < 0 ? 0 : Math.min(max, Histogram.lowest(highest + 1) - 1);
        return new Counts(added, Math.max(0, total - earlier.total), most);
    }

    /** How many values. */
    public long count() {
        return count;
    }

    /** Their sum. */
    public long total() {
        return total;
    }

    /** The largest, or zero without any. */
    public long max() {
        return max;
    }

    /** The value that so large a part of all values does not exceed, to 2 %; zero without any. */
    public long quantile(double part) {
        if (!(part >= 0 && part <= 1)) {
            throw new IllegalArgumentException("the part is " + part + ", it must be from 0 to 1");
        }
        long rank = Math.max(1, (long) Math.ceil(part * count));
        long seen = 0;
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i];
            if (seen >= rank) {
                // The last bucket has no upper end, and no quantile is above the largest value.
                return rank == count ? max : Math.min(max, middle(i));
            }
        }
        return 0;
    }

    /** How often each value came, by the smallest value of its bucket; exact below 64. */
    public SortedMap<Integer, Long> bySize() {
        SortedMap<Integer, Long> sizes = new TreeMap<>();
        for (int i = 0; i < buckets.length; i++) {
            if (buckets[i] > 0) {
                sizes.put((int) Math.min(Integer.MAX_VALUE, Histogram.lowest(i)), buckets[i]);
            }
        }
        return sizes;
    }

    private static long middle(int bucket) {
        long low = Histogram.lowest(bucket);
        return low + (Histogram.lowest(bucket + 1) - low) / 2;
    }
}
