package dev.cresset.internal.batching;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.Optional;

/**
 * Whether a model answers a row in a batch as it does alone. A module that normalises by its batch, or sums along it, does
 * not, and its outputs count as many rows as its inputs for all that. The first batch whose rows differ tells: two of them are
 * run alone, before anybody is answered. Rows that are all the same tell less, for they may be their own mean.
 *
 * <p>Safe for use by several threads: until it is known, each finds out with a batch of its own.
 */
final class RowsAlone {

    /** Two lots of one bit fall alike every second time, and so many in a row once in 65,536. */
    private static final int DRAWS = 16;

    private final BatchSizeTuner.Difference difference;
    private volatile boolean known;
    /** Of batches of one and the same row. */
    private volatile boolean knownOfEqual;

    RowsAlone(BatchSizeTuner.Difference difference) {
        this.difference = difference;
    }

    /** Whether nothing is left to find out. Hot path. */
    boolean isKnown() {
        return known;
    }

    /** Says how a row's answer in this batch is not what it is alone, or nothing. The answer stays lent. */
    Optional<String> differenceIn(Batch batch, Value together, int rows) {
        int last = rows - 1;
        while (last > 0 && areEqual(batch.buffer(), 0, last)) {
            last--;
        }
        boolean equal = last == 0;
        if (equal && knownOfEqual) {
            return Optional.empty();
        }
        int other = equal ? rows - 1 : last;
        Optional<String> reason = differenceOf(batch, together, 0).or(() -> differenceOf(batch, together, other));
        if (reason.isEmpty() && equal) {
            knownOfEqual = true;
        } else if (reason.isEmpty()) {
            known = true;
        }
        return reason.map(text -> "in a batch, it " + text);
    }

    private static boolean areEqual(BatchBuffer buffer, int row, int other) {
        for (int argument = 0; argument < buffer.arguments(); argument++) {
            if (buffer.isTensor(argument) && !areEqual(buffer.row(argument, row), buffer.row(argument, other))) {
                return false;
            }
        }
        return true;
    }

    private static boolean areEqual(Tensor one, Tensor other) {
        return one.asByteBuffer().equals(other.asByteBuffer());
    }

    /** A model that draws lots answers otherwise alone, too: of such a one nothing can be told. */
    private Optional<String> differenceOf(Batch batch, Value together, int row) {
        ShapeQueue queue = batch.shapeQueue();
        BatchBuffer alone = queue.fresh(batch.buffer().replicaNumber()).buffer();
        try {
            alone.copyRow(batch.buffer(), row, 0);
            Value answer = alone.run(0);
            Optional<String> reason = difference.between(answer, Outputs.item(together, row));
            return reason.isPresent() && isRandom(queue, alone, answer) ? Optional.empty() : reason;
        } finally {
            queue.giveBack(alone);
        }
    }

    private boolean isRandom(ShapeQueue queue, BatchBuffer alone, Value answer) {
        BatchBuffer again = queue.fresh(alone.replicaNumber()).buffer();
        try {
            again.copyRow(alone, 0, 0);
            for (int draw = 0; draw < DRAWS; draw++) {
                if (difference.between(answer, again.run(0)).isPresent()) {
                    return true;
                }
            }
            return false;
        } finally {
            queue.giveBack(again);
        }
    }
}
