package dev.cresset.internal.batching;

import dev.cresset.tensor.Value;

/**
 * One row's share of a batch's output.
 *
 * @param batch the batch, whose memory it is
 * @param value the output of the whole batch, lent until the release
 * @param row the row's number
 * @param rows how many rows the output has
 */
public record RowOutput(Batch batch, Value value, int row, int rows) {

    /** Says that the row was read. Once. */
    public void release() {
        batch.left();
    }
}
