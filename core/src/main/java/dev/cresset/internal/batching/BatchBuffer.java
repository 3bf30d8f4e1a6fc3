package dev.cresset.internal.batching;

import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory for a batch of one layout for one replica, and the calls that read it: one for each bucket, over as many of its first rows.
 *
 * <p>Used by one batch at a time. Rows may be written by several threads, each its own.
 */
final class BatchBuffer implements AutoCloseable {

    private final Layout layout;
    private final boolean counted;
    private final Buckets buckets;
    private final Replica replica;
    private final int replicaNumber;
    /** By argument; null where the argument is a value. */
    private final @Nullable Tensor[] whole;
    /** By argument and row. */
    private final Tensor[][] rows;

    private final @Nullable EngineSession[] calls;
    private final long bytes;

    /** Whether the tensors' first dimension counts items; otherwise there is one row. For a model's only replica. */
    BatchBuffer(Layout layout, boolean counted, Buckets buckets, Replica replica) {
        this(layout, counted, buckets, replica, 0);
    }

    /** One of several replicas, by its number. */
    BatchBuffer(Layout layout, boolean counted, Buckets buckets, Replica replica, int replicaNumber) {
        this.layout = layout;
        this.counted = counted;
        this.buckets = buckets;
        this.replica = replica;
        this.replicaNumber = replicaNumber;
        this.whole = new @Nullable Tensor[layout.size()];
        this.rows = new Tensor[layout.size()][];
        this.calls = new @Nullable EngineSession[buckets.count()];
        this.bytes = buckets.largest() * layout.bytes();
        boolean success = false;
        try {
            for (int i = 0; i < layout.size(); i++) {
                if (layout.arguments().get(i) instanceof Layout.TensorArgument tensor) {
                    allocate(i, tensor);
                }
            }
            success = true;
        } finally {
            if (!success) {
                close();
            }
        }
    }

    private void allocate(int index, Layout.TensorArgument argument) {
        boolean stacked = counted && !argument.isInList();
        long[] shape = stacked ? shapeOf(buckets.largest(), argument) : argument.shape();
        Tensor tensor = replica.allocate(argument.type(), shape);
        whole[index] = tensor;
        rows[index] = new Tensor[buckets.largest()];
        long elements = tensor.elements() / (stacked ? buckets.largest() : 1);
        for (int row = 0; row < rows[index].length; row++) {
            rows[index][row] = tensor.lendPart(row * elements, argument.shape());
        }
    }

    private static long[] shapeOf(int items, Layout.TensorArgument argument) {
        long[] shape = argument.shape();
        long[] full = new long[shape.length + 1];
        full[0] = items;
        System.arraycopy(shape, 0, full, 1, shape.length);
        return full;
    }

    /** The number of the replica that its calls run on. */
    int replicaNumber() {
        return replicaNumber;
    }

    /** What its rows take. */
    long bytes() {
        return bytes;
    }

    int capacity() {
        return buckets.largest();
    }

    int arguments() {
        return whole.length;
    }

    /** Whether an argument is a tensor, of which each row has its own. */
    boolean isTensor(int argument) {
        return whole[argument] != null;
    }

    /** Where one row's argument is; it stays as long as the buffer. */
    Tensor row(int argument, int row) {
        return rows[argument][row];
    }

    void copyRow(BatchBuffer from, int fromRow, int toRow) {
        for (int i = 0; i < rows.length; i++) {
            if (whole[i] != null) {
                rows[i][toRow].copyFrom(from.rows[i][fromRow]);
            }
        }
    }

    /** Runs the model on the first rows, as many as a bucket has. The answer is lent until the next run. */
    Value run(int bucket) {
        EngineSession call = call(bucket);
        call.run();
        return call.result();
    }

    /** How long the device was at a bucket's last run; zero where none was. */
    long deviceNanos(int bucket) {
        EngineSession call = calls[bucket];
        return call == null ? 0 : call.deviceNanos();
    }

    /** Runs each bucket, more than once: what compiles does so in its first two runs. */
    void runAll() {
        runFrom(0);
    }

    /** In how many runs its calls may still get ready. */
    int warmUpRuns() {
        return replica.warmUpRuns();
    }

    /** Of a buffer that {@link RunProfile#watch} has run: the first bucket once, to which only this thread is new. */
    void runAllWatched() {
        run(0);
        runFrom(1);
    }

    private void runFrom(int first) {
        for (int bucket = first; bucket < buckets.count(); bucket++) {
            for (int run = 0; run < warmUpRuns(); run++) {
                run(bucket);
            }
        }
    }

    /** The call of a bucket is prepared when it is first needed. */
    EngineSession call(int bucket) {
        EngineSession call = calls[bucket];
        if (call == null) {
            call = replica.prepare(arguments(buckets.size(bucket)));
            calls[bucket] = call;
        }
        return call;
    }

    private List<Value> arguments(int items) {
        List<Value> arguments = new ArrayList<>(layout.size());
        for (int i = 0; i < layout.size(); i++) {
            Tensor tensor = whole[i];
            if (layout.arguments().get(i) instanceof Layout.TensorArgument argument && tensor != null) {
                if (argument.isInList()) {
                    arguments.add(Value.list(tensor));
                } else {
                    arguments.add(counted ? tensor.lendPart(0, shapeOf(items, argument)) : tensor);
                }
            } else {
                arguments.add(((Layout.ValueArgument) layout.arguments().get(i)).value());
            }
        }
        return arguments;
    }

    @Override
    public void close() {
        for (int i = 0; i < calls.length; i++) {
            EngineSession call = calls[i];
            calls[i] = null;
            if (call != null) {
                call.close();
            }
        }
        for (Tensor tensor : whole) {
            if (tensor != null) {
                tensor.close();
            }
        }
    }
}
