package dev.cresset.internal.requests;

import dev.cresset.Inputs;
import dev.cresset.internal.batching.Batcher;
import dev.cresset.internal.batching.Layout;
import dev.cresset.internal.batching.RowClaim;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a handler writes one item into: a row of a batch, where items like it line up. Which row that is turns out with the
 * first tensor that the handler asks for. Should it then ask for something that the others of that line did not have, it
 * gets memory of its own, which is copied to a row of the right line in the end.
 *
 * <p>Used by one thread.
 */
public final class ItemWriter implements Inputs {

    private final List<Signature.Parameter> parameters;
    private final @Nullable Batcher batcher;
    private final List<Tensor> lent = new ArrayList<>(4);
    private @Nullable RowClaim claim;
    /** How many arguments are in the claimed row, as its line has them. */
    private int placed;

    /** The arguments from there on, and their own tensors. */
    private List<Layout.Argument> others = List.of();

    private List<@Nullable Tensor> own = List.of();
    private boolean closed;

    /** For a model that takes these parameters. Without a batcher everything is memory of its own. */
    public ItemWriter(List<Signature.Parameter> parameters, @Nullable Batcher batcher) {
        this.parameters = parameters;
        this.batcher = batcher;
    }

    @Override
    public Tensor tensor(DataType type, long... shape) {
        return tensor(type, shape, false);
    }

    @Override
    public Tensor tensorInList(DataType type, long... shape) {
        return tensor(type, shape, true);
    }

    private Tensor tensor(DataType type, long[] shape, boolean inList) {
        checkOpen();
        if (claim == null && batcher != null && others.isEmpty()) {
            claim = batcher.claim(type, shape, inList);
        }
        RowClaim row = claim;
        Tensor item;
        if (row != null && others.isEmpty() && row.layout().isTensor(placed, type, shape, inList)) {
            item = row.tensor(placed++).lendBlank(shape); // it still holds what somebody else asked
        } else {
            Tensor memory = Tensor.allocate(type, shape);
            other(new Layout.TensorArgument(type, shape.clone(), inList), memory);
            item = memory.lend(shape);
        }
        lent.add(item);
        return item;
    }

    @Override
    public void value(Value value) {
        checkOpen();
        if (claim != null && others.isEmpty() && claim.layout().isValue(placed, value)) {
            placed++;
        } else {
            other(new Layout.ValueArgument(value), null);
        }
    }

    private void other(Layout.Argument argument, @Nullable Tensor tensor) {
        if (others.isEmpty()) {
            others = new ArrayList<>();
            own = new ArrayList<>();
        }
        others.add(argument);
        own.add(tensor);
    }

    @Override
    public List<Signature.Parameter> parameters() {
        return parameters;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("these inputs were lent to a preprocess that has returned");
        }
    }

    /** Takes back what was lent. */
    public void close() {
        closed = true;
        for (int i = 0; i < lent.size(); i++) {
            lent.get(i).close();
        }
    }

    /** What the item turned out to be. */
    Layout layout() {
        List<Layout.Argument> arguments = new ArrayList<>();
        if (claim != null) {
            arguments.addAll(claim.layout().arguments().subList(0, placed));
        }
        arguments.addAll(others);
        return new Layout(arguments);
    }

    /** The row that holds the item. */
    RowClaim finish(Batcher with) {
        RowClaim row = claim;
        if (row != null && others.isEmpty() && placed == row.layout().size()) {
            return row;
        }
        RowClaim right = with.claim(layout());
        copyTo(right);
        giveUp();
        others = List.of();
        claim = right;
        return right;
    }

    private void copyTo(RowClaim right) {
        RowClaim row = claim;
        for (int i = 0; row != null && i < placed; i++) {
            if (row.layout().arguments().get(i) instanceof Layout.TensorArgument) {
                right.tensor(i).copyFrom(row.tensor(i));
            }
        }
        for (int i = 0; i < own.size(); i++) {
            Tensor tensor = own.get(i);
            if (tensor != null) {
                right.tensor(placed + i).copyFrom(tensor);
            }
        }
    }

    /** Gives the row up, and the memory. */
    public void giveUp() {
        if (claim != null) {
            claim.abandon();
        }
        clear();
    }

    /** Gives the memory up that is not a row's. */
    void clear() {
        claim = null;
        for (Tensor tensor : own) {
            if (tensor != null) {
                tensor.close();
            }
        }
        own = List.of();
    }

    /** The tensors of {@link #layout}, each in memory of its own; lent until {@link #giveUp}. */
    List<@Nullable Tensor> tensors() {
        return own;
    }

    /** The item as the model takes it, in memory of its own; lent until {@link #giveUp}. */
    public List<Value> arguments(boolean counted) {
        List<Value> arguments = new ArrayList<>();
        for (int i = 0; i < others.size(); i++) {
            Tensor tensor = own.get(i);
            if (others.get(i) instanceof Layout.ValueArgument value) {
                arguments.add(value.value());
            } else if (tensor != null) {
                arguments.add(argument(tensor, ((Layout.TensorArgument) others.get(i)).isInList(), counted));
            }
        }
        return arguments;
    }

    private static Value argument(Tensor tensor, boolean inList, boolean counted) {
        if (inList) {
            return Value.list(tensor);
        }
        return counted ? tensor.lend(withItems(1, tensor.shape())) : tensor;
    }

    private static long[] withItems(int items, long... shape) {
        long[] full = new long[shape.length + 1];
        full[0] = items;
        System.arraycopy(shape, 0, full, 1, shape.length);
        return full;
    }
}
