package dev.cresset;

import dev.cresset.mar.ModelConfig;
import java.time.Duration;

/**
 * How many requests one native call may answer. Only requests whose tensors have the same types and shapes go together.
 *
 * <p>A worker that is idle takes what is there at once; batches grow while all workers are busy. With a delay, a worker
 * waits for as many requests as came together last time, for that long at most: better filled batches for slower answers. A
 * lone caller waits for nobody.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param maxSize the most requests in a batch
 * @param maxDelay the longest that a request may wait for others while a worker is idle
 */
public record Batching(int maxSize, Duration maxDelay) {

    /** No model answers more at once any faster. */
    private static final int MOST = 1 << 16;

    /** Checks the numbers. */
    public Batching {
        if (maxSize < 1 || maxSize > MOST) {
            throw new IllegalArgumentException("maxSize is " + maxSize + ", it must be from 1 to " + MOST
                    + ": each batch has memory for all its rows");
        }
        if (maxDelay.isNegative()) {
            throw new IllegalArgumentException("maxDelay is " + maxDelay + ", it must be at least zero");
        }
    }

    /** Each request by itself. */
    public static Batching none() {
        return new Batching(1, Duration.ZERO);
    }

    /** So many together at most, and none waits for others while a worker is idle. */
    public static Batching upTo(int maxSize) {
        return new Batching(maxSize, Duration.ZERO);
    }

    /** As an archive's settings say: {@code batchSize}, and {@code maxBatchDelay} if it is given. */
    static Batching of(ModelConfig config) {
        return new Batching(config.batchSize().orElse(1), config.maxBatchDelay().orElse(Duration.ZERO));
    }

    /** Batches of as many, for which a request may wait so long for others. */
    public Batching within(Duration delay) {
        return new Batching(maxSize, delay);
    }
}
