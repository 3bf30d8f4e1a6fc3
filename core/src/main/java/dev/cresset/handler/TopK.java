package dev.cresset.handler;

/**
 * The largest of a row, descending, of equals the first. {@code torch.topk} finds the same, but has equals in an order of its
 * own. Hot path: allocates its result.
 */
final class TopK {

    private TopK() {}

    /** The indices of the {@code k} largest, of which there are few: each value is compared with them from the least on. */
    static int[] of(float[] values, int k) {
        int[] best = new int[k];
        int found = 0;
        for (int i = 0; i < values.length; i++) {
            int at = found;
            while (at > 0 && Float.compare(values[i], values[best[at - 1]]) > 0) {
                at--;
            }
            if (at < k) {
                found = Math.min(found + 1, k);
                System.arraycopy(best, at, best, at + 1, found - at - 1);
                best[at] = i;
            }
        }
        return best;
    }
}
