package dev.cresset;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Rows that nobody uses at the moment, to be used again. There are as many places as calls can usefully run at once; a row
 * that finds no place is closed.
 *
 * <p>A place is taken and filled by one exchange, and the first places are tried first, so that the memory that was used
 * last is used next. Hot path: allocates nothing. Instances are safe for use by several threads.
 */
final class RowPool {

    private final AtomicReferenceArray<Row> places =
            new AtomicReferenceArray<>(2 * Runtime.getRuntime().availableProcessors());
    private final Supplier<Row> maker;

    RowPool(Supplier<Row> maker) {
        this.maker = maker;
    }

    Row take() {
        for (int i = 0; i < places.length(); i++) {
            Row row = places.getPlain(i) == null ? null : places.getAndSet(i, null);
            if (row != null) {
                return row;
            }
        }
        return maker.get();
    }

    void giveBack(Row row) {
        for (int i = 0; i < places.length(); i++) {
            if (places.getPlain(i) == null && places.compareAndSet(i, null, row)) {
                return;
            }
        }
        row.close();
    }

    /** Closes the rows. Nobody may be using one. */
    void close() {
        for (int i = 0; i < places.length(); i++) {
            Row row = places.getAndSet(i, null);
            if (row != null) {
                row.close();
            }
        }
    }
}
