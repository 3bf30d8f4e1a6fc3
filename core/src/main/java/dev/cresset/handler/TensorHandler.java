package dev.cresset.handler;

import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;

/**
 * The plain handler: one tensor in, one tensor out, nothing before or after. A request is one item's tensor, without the
 * dimension that counts items; the answer is a tensor of the caller's, to be closed.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class TensorHandler implements Handler<Tensor, Tensor> {

    private TensorHandler() {}

    /** Tensors in, tensors out. */
    public static TensorHandler of() {
        return new TensorHandler();
    }

    /** The same for models of one row of numbers to another, with arrays: {@code float[]} in, {@code float[]} out. */
    public static Handler<float[], float[]> ofFloats() {
        return new Floats();
    }

    @Override
    public void preprocess(Tensor item, Inputs inputs) {
        inputs.tensor(item.dataType(), item.shape()).copyFrom(item);
    }

    @Override
    public Tensor postprocess(Value output) {
        return output.asTensor().copy();
    }

    private static final class Floats implements Handler<float[], float[]> {
        @Override
        public void preprocess(float[] row, Inputs inputs) {
            inputs.tensor(DataType.FLOAT32, row.length).copyFrom(row);
        }

        @Override
        public float[] postprocess(Value output) {
            return output.asTensor().toFloatArray();
        }
    }
}
