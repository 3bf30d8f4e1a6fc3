package dev.cresset.benchmarks;

import java.util.Arrays;

/** The rows of a model's recorded batch of 32, each with PyTorch's own answer: whoever gets another's answer is found out. */
public final class Rows {
    private static final int COUNT = 32;

    private final Recorded model;
    private final float[][] inputs = new float[COUNT][];
    private final float[][] outputs = new float[COUNT][];

    /** The rows of a model. */
    public Rows(Recorded model) {
        this.model = model;
        split(model.input(COUNT), inputs);
        split(model.output(COUNT), outputs);
    }

    private static void split(float[] all, float[][] rows) {
        int size = all.length / COUNT;
        for (int i = 0; i < COUNT; i++) {
            rows[i] = Arrays.copyOfRange(all, i * size, (i + 1) * size);
        }
    }

    /** The input of a row; any number is one. */
    public float[] input(int number) {
        return inputs[number & (COUNT - 1)];
    }

    /** Fails unless this is the row's answer. Allocates nothing. */
    public void check(int number, float[] answer) {
        float[] expected = outputs[number & (COUNT - 1)];
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(answer[i] - expected[i]) <= 2e-4f * Math.max(1, Math.abs(expected[i])))) {
                throw new AssertionError(model + " answered " + Arrays.toString(answer) + " to row "
                        + (number & (COUNT - 1)) + ", expected " + Arrays.toString(expected));
            }
        }
    }
}
