package dev.cresset.benchmarks;

import dev.cresset.Answer;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Value;

/** An array in, an array out, of one shape, which counts its own items. */
final class Floats implements Handler<float[], float[]> {
    private final long[] shape;

    Floats(long... shape) {
        this.shape = shape;
    }

    @Override
    public boolean isBatched() {
        return false;
    }

    @Override
    public Answer<float[]> preprocess(float[] request, Inputs inputs) {
        inputs.tensor(DataType.FLOAT32, shape).copyFrom(request);
        return this::postprocess;
    }

    public float[] postprocess(Value output) {
        return output.asTensor().toFloatArray();
    }
}
