package dev.cresset.internal.tuning;

import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Inputs that every run finds as the first did, though a module may write to what it is given: copies of the samples, which
 * {@link #restore} makes equal to them again. The samples themselves are never lent to a module.
 *
 * <p>Closed by its user; the samples stay their owner's. Used by one thread.
 */
public final class EqualInputs implements AutoCloseable {
    private final List<Value> samples;
    private final List<Tensor> originals = new ArrayList<>();
    private final List<Tensor> copies = new ArrayList<>();
    private final List<Value> arguments;
    private boolean writtenTo;

    EqualInputs(List<Value> samples) {
        this.samples = samples;
        this.arguments = samples.stream()
                .map(sample -> Samples.copied(sample, this::copied))
                .toList();
    }

    private Tensor copied(Tensor tensor) {
        Tensor copy = tensor.copy();
        originals.add(tensor);
        copies.add(copy);
        return copy;
    }

    /** What all runs' inputs are equal to. */
    List<Value> samples() {
        return samples;
    }

    /** What to call with. */
    List<Value> arguments() {
        return arguments;
    }

    /** The tensors in them. */
    List<Tensor> tensors() {
        return copies;
    }

    /** Whether a run has ever changed them; then each run needs a {@link #restore} before it. */
    boolean areWrittenTo() {
        return writtenTo;
    }

    /** Makes them what they were; copies only what a run has changed. */
    void restore() {
        for (int i = 0; i < copies.size(); i++) {
            if (!copies.get(i).asByteBuffer().equals(originals.get(i).asByteBuffer())) {
                copies.get(i).copyFrom(originals.get(i));
                writtenTo = true;
            }
        }
    }

    @Override
    public void close() {
        copies.forEach(Tensor::close);
    }
}
