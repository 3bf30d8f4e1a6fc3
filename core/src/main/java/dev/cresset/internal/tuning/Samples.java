package dev.cresset.internal.tuning;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Inputs to try a model with, made from what its tensors must be like. */
public final class Samples {

    private Samples() {}

    /** Whether all sizes are known, but for the first: it counts items, and one is tried. */
    public static boolean canBeMadeOf(List<TensorSpec> specs) {
        return !specs.isEmpty()
                && specs.stream()
                        .allMatch(
                                spec -> LongStream.of(spec.shape()).skip(1).noneMatch(size -> size == TensorSpec.ANY));
    }

    /** Tensors that the caller closes: fractions from 0 to 1, zeros where whole numbers are wanted, for they may be indices. */
    public static List<Value> of(List<TensorSpec> specs) {
        Random random = new Random(0);
        List<Value> samples = new ArrayList<>();
        for (TensorSpec spec : specs) {
            long[] shape = LongStream.of(spec.shape())
                    .map(size -> size == TensorSpec.ANY ? 1 : size)
                    .toArray();
            Tensor sample = Tensor.allocate(spec.dataType(), shape);
            samples.add(sample);
            if (spec.dataType() == DataType.FLOAT32) {
                float[] numbers = new float[Math.toIntExact(sample.elements())];
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = random.nextFloat();
                }
                sample.copyFrom(numbers);
            } else if (spec.dataType() == DataType.FLOAT64) {
                sample.asDoubleBuffer().put(random.doubles(sample.elements()).toArray());
            }
        }
        return samples;
    }
}
