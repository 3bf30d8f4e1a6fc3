package dev.cresset.internal.batching;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The sizes that batches are run in: 1, 2, 3, 4, 6, 8, 12, 16 and so on, up to the largest. A model meets no others, so that
 * it can have met all of them before the first request; a batch in between is filled up with copies of its last row, half
 * as many as it has at the most. Immutable.
 */
public final class Buckets {

    private final int[] sizes;

    private Buckets(int[] sizes) {
        this.sizes = sizes;
    }

    /** Those up to a largest size, itself included. */
    public static Buckets upTo(int largest) {
        IntStream powers = IntStream.iterate(1, size -> size < largest && size > 0, size -> 2 * size)
                .flatMap(size -> size >= 2 ? IntStream.of(size, size + size / 2) : IntStream.of(size))
                .filter(size -> size < largest);
        return new Buckets(IntStream.concat(powers, IntStream.of(largest)).toArray());
    }

    /** Those of them whose rows of a layout fit one buffer; only one row where rows do not stack. */
    Buckets fitting(Layout layout) {
        long most = layout.stacks() ? layout.mostRows() : 1;
        return most >= largest() ? this : upTo((int) most);
    }

    /** How many there are. */
    public int count() {
        return sizes.length;
    }

    /** The size of one. */
    public int size(int index) {
        return sizes[index];
    }

    /** The largest size. */
    public int largest() {
        return sizes[sizes.length - 1];
    }

    /** Which one takes so many rows. Hot path. */
    int indexFor(int rows) {
        int index = Arrays.binarySearch(sizes, rows);
        return index >= 0 ? index : -index - 1;
    }

    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
