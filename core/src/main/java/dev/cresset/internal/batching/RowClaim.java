package dev.cresset.internal.batching;

import dev.cresset.tensor.Tensor;

/** One row that a caller has claimed, and writes. Used by that caller's thread only. */
public final class RowClaim {

    private final Batcher batcher;
    private final ShapeQueue shapeQueue;
    private Batch batch;
    private int row;

    RowClaim(Batcher batcher, ShapeQueue shapeQueue) {
        this.batcher = batcher;
        this.shapeQueue = shapeQueue;
        Batch open = shapeQueue.open();
        int claimed = open.claim();
        while (claimed < 0) {
            shapeQueue.replace(open);
            open = shapeQueue.open();
            claimed = open.claim();
        }
        this.batch = open;
        this.row = claimed;
    }

    /** What the row's arguments are. */
    public Layout layout() {
        return shapeQueue.layout();
    }

    /** Where an argument is to be written. It stays until the claim is settled or given up. */
    public Tensor tensor(int argument) {
        return batch.row(argument, row);
    }

    /** Hands the written row over. */
    public void settle(RowTicket ticket) {
        ticket.holds(batcher.slots());
        while (!batch.settle(row, ticket)) {
            moveOn();
        }
        batcher.settled(batch);
    }

    /** The batch was run without this row, which goes with the next one. */
    private void moveOn() {
        RowClaim next = new RowClaim(batcher, shapeQueue);
        next.batch.buffer().copyRow(batch.buffer(), row, next.row);
        batch.left();
        batch = next.batch;
        row = next.row;
    }

    /** Gives the row up. */
    public void abandon() {
        if (batch.abandon(row)) {
            batcher.settled(batch);
            batcher.runIfIdle();
        } else {
            batch.left();
        }
    }
}
