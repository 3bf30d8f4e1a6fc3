package dev.cresset.internal.batching;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.List;

/**
 * What one item is to the model: its arguments in order, without the dimension that counts items. Items of one layout can
 * share a batch.
 *
 * @param arguments the arguments
 */
public record Layout(List<Argument> arguments) {

    /** In bytes, as a Java buffer holds them. */
    private static final int LARGEST_TENSOR = Integer.MAX_VALUE - 128;

    /** Copies the list. */
    public Layout {
        arguments = List.copyOf(arguments);
    }

    /** An argument. */
    public sealed interface Argument permits TensorArgument, ValueArgument {}

    /** A tensor, or a list of one tensor, of an item. */
    public static final class TensorArgument implements Argument {
        private final DataType type;
        private final long[] shape;
        private final boolean inList;

        /** Keeps the shape. */
        public TensorArgument(DataType type, long[] shape, boolean inList) {
            this.type = type;
            this.shape = shape;
            this.inList = inList;
        }

        DataType type() {
            return type;
        }

        long[] shape() {
            return shape;
        }

        /** Whether it is the one element of a list. */
        public boolean isInList() {
            return inList;
        }

        boolean is(DataType otherType, long[] otherShape, boolean otherInList) {
            return type == otherType && inList == otherInList && Arrays.equals(shape, otherShape);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof TensorArgument that && that.is(type, shape, inList);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(shape) + type.hashCode();
        }

        @Override
        public String toString() {
            return type + Arrays.toString(shape) + (inList ? " in a list" : "");
        }
    }

    /**
     * A value that is the same for all items of a batch.
     *
     * @param value the value
     */
    public record ValueArgument(Value value) implements Argument {}

    /** Whether an argument is a tensor of this type and shape. */
    public boolean isTensor(int index, DataType type, long[] shape, boolean inList) {
        return index < arguments.size()
                && arguments.get(index) instanceof TensorArgument tensor
                && tensor.is(type, shape, inList);
    }

    /** Whether an argument is this value. */
    public boolean isValue(int index, Value value) {
        return index < arguments.size()
                && arguments.get(index) instanceof ValueArgument argument
                && argument.value().equals(value);
    }

    /** How many arguments there are. */
    public int size() {
        return arguments.size();
    }

    /** How many items one tensor can hold of each argument; at least one, which is then refused by its own size. */
    long mostRows() {
        long most = Integer.MAX_VALUE;
        for (Argument argument : arguments) {
            if (argument instanceof TensorArgument tensor) {
                most = Math.min(most, mostRows(tensor));
            }
        }
        return Math.max(1, most);
    }

    /** What an item takes, in bytes; {@link Long#MAX_VALUE} if that is more than can be counted. */
    long bytes() {
        double bytes = 0;
        for (Argument argument : arguments) {
            if (argument instanceof TensorArgument tensor) {
                double elements = 1;
                for (long size : tensor.shape()) {
                    elements *= size;
                }
                bytes += elements * tensor.type().bytes();
            }
        }
        return (long) bytes;
    }

    private static long mostRows(TensorArgument row) {
        long left = LARGEST_TENSOR / row.type().bytes();
        for (long size : row.shape()) {
            if (size == 0) {
                return LARGEST_TENSOR;
            }
            left /= size;
        }
        return left;
    }

    /** Whether items can be stacked: those in lists keep to themselves, and without a tensor nothing counts items. */
    boolean stacks() {
        boolean any = false;
        for (Argument argument : arguments) {
            if (argument instanceof TensorArgument tensor) {
                if (tensor.isInList()) {
                    return false;
                }
                any = true;
            }
        }
        return any;
    }
}
