package dev.cresset.pt2;

import java.util.List;

/**
 * What is known of a tensor.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param strides how many elements lie between neighbours in each dimension
 * @param storageOffset how many elements of its memory lie before its first
 */
public record TensorMeta(
        ScalarType dtype,
        List<SymInt> sizes,
        boolean requiresGrad,
        Device device,
        List<SymInt> strides,
        SymInt storageOffset,
        Layout layout) {
    /** Copies what is given. */
    public TensorMeta {
        sizes = List.copyOf(sizes);
        strides = List.copyOf(strides);
    }
}
