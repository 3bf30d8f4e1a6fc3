package dev.cresset;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;

/**
 * Where a {@link Handler} writes one request: the model's arguments, in order. Lent for the length of {@code preprocess},
 * to its thread.
 */
public interface Inputs {

    /**
     * The next argument, a tensor of this type and shape, to be filled. It is the memory that the model will read. What is
     * not written is zero.
     */
    Tensor tensor(DataType type, long... shape);

    /**
     * The next argument, a list of one tensor of this type and shape, to be filled: what models take whose items differ in
     * size, such as torchvision's detectors. A list holds an item as it is, without a dimension that counts items.
     */
    Tensor tensorInList(DataType type, long... shape);

    /**
     * The next argument, a value that is the same for every item of a batch, such as a sample rate. Tensors in it stay the
     * caller's, to be closed after the predictor.
     */
    void value(Value value);

    /** What the model takes, in order, as its module declares it; for a handler that serves models of several kinds. */
    List<Signature.Parameter> parameters();
}
