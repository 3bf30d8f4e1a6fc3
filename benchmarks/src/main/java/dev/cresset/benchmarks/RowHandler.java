package dev.cresset.benchmarks;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;

/** An array in, an array out, one item of a batch that the predictor makes. */
final class RowHandler implements Handler<float[], float[]> {
    private final long[] item;

    /** Takes the shape of a batch. */
    RowHandler(long... shape) {
        this.item = Arrays.copyOfRange(shape, 1, shape.length);
    }

    @Override
    public Answer<float[]> preprocess(float[] request, Inputs inputs) {
        inputs.tensor(DataType.FLOAT32, item).copyFrom(request);
        return this::postprocess;
    }

    public float[] postprocess(Value output) {
        return output.asTensor().toFloatArray();
    }

    @Override
    public Optional<float[]> example() {
        return Optional.of(new float[Math.toIntExact(LongStream.of(item).reduce(1, (a, b) -> a * b))]);
    }
}
