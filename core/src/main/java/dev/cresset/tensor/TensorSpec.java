package dev.cresset.tensor;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a tensor must be like: its type and its shape, in which {@link #ANY} stands for a size that may vary.
 *
 * <p>Instances are immutable, safe for use by several threads.
 */
public final class TensorSpec {

    /** A size that may vary, such as the number of items in a batch. */
    public static final long ANY = -1;

    private final DataType dataType;
    private final long[] shape;

    private TensorSpec(DataType dataType, long[] shape) {
        this.dataType = dataType;
        this.shape = shape;
    }

    /** A tensor of this type and shape. */
    public static TensorSpec of(DataType dataType, long... shape) {
        Objects.requireNonNull(dataType, "dataType");
        for (long size : shape) {
            if (size < ANY) {
                throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " has a size below -1 (any)");
            }
        }
        return new TensorSpec(Objects.requireNonNull(dataType), shape.clone());
    }

    /** The type of the elements. */
    public DataType dataType() {
        return dataType;
    }

    /** The sizes; a copy. */
    public long[] shape() {
        return shape.clone();
    }

    /** Whether a tensor is like this. */
    public boolean matches(Tensor tensor) {
        return matches(tensor.dataType(), tensor.shape());
    }

    /** Whether a tensor of this type and shape would be like this. */
    public boolean matches(DataType type, long... sizes) {
        if (type != dataType || sizes.length != shape.length) {
            return false;
        }
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] != ANY && shape[i] != sizes[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorSpec spec && spec.dataType == dataType && Arrays.equals(spec.shape, shape);
    }

    @Override
    public int hashCode() {
        return 31 * dataType.hashCode() + Arrays.hashCode(shape);
    }

    /** {@code [any, 3, 224, 224] (float32)} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < shape.length; i++) {
            text.append(i == 0 ? "" : ", ").append(shape[i] == ANY ? "any" : Long.toString(shape[i]));
        }
        return text.append("] (").append(dataType).append(')').toString();
    }
}
