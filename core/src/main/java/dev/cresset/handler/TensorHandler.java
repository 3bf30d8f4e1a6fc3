package dev.cresset.handler;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.util.Optional;
import java.util.OptionalInt;

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

    /**
     * For models of one row of numbers to another, with arrays: {@code float[]} in, {@code float[]} out. Rows may be of any
     * length that the model takes.
     */
    public static Handler<float[], float[]> ofFloats() {
        return new Floats(OptionalInt.empty());
    }

    /**
     * For models of one row of so many numbers to another, with arrays: {@code float[]} in, {@code float[]} out. A row of
     * another length is an {@link InvalidInputException}, and the model is tuned with a row of zeros unless an example is
     * given.
     */
    public static Handler<float[], float[]> ofFloats(int columns) {
        if (columns < 1) {
            throw new IllegalArgumentException("columns is " + columns + ", it must be at least 1");
        }
        return new Floats(OptionalInt.of(columns));
    }

    @Override
    public Answer<Tensor> preprocess(Tensor item, Inputs inputs) {
        inputs.tensor(item.dataType(), item.shape()).copyFrom(item);
        return output -> output.asTensor().copy();
    }

    private static final class Floats implements Handler<float[], float[]> {

        private static final Answer<float[]> ANSWER =
                output -> output.asTensor().toFloatArray();

        private final OptionalInt length;

        Floats(OptionalInt length) {
            this.length = length;
        }

        @Override
        public Answer<float[]> preprocess(float[] row, Inputs inputs) {
            if (length.isPresent() && row.length != length.getAsInt()) {
                throw new InvalidInputException(
                        "the row has " + row.length + " numbers, the model takes " + length.getAsInt());
            }
            inputs.tensor(DataType.FLOAT32, row.length).copyFrom(row);
            return ANSWER;
        }

        @Override
        public Optional<float[]> example() {
            return length.isPresent() ? Optional.of(new float[length.getAsInt()]) : Optional.empty();
        }
    }
}
