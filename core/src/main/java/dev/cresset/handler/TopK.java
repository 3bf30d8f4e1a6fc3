package dev.cresset.handler;

import java.util.Comparator;
import java.util.stream.IntStream;

/** The largest of a row, as {@code torch.topk} finds them: descending, of equals the first. */
final class TopK {

    private TopK() {}

    /** The places of the {@code k} largest. */
    static int[] of(float[] values, int k) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -values[i]))
                .limit(k)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
