package dev.cresset.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model that {@code models/make_models.py} made, with an input and PyTorch's own answer to it. The system property {@code
 * cresset.models} names the folder.
 */
public enum Recorded {
    /** 16 numbers to 4, three linear layers: nothing but overhead. */
    MLP("mlp"),
    /** An image to 1000 scores: nothing but work. */
    RESNET18("resnet18");

    private final String file;

    Recorded(String file) {
        this.file = file;
    }

    /** The TorchScript file. */
    public Path torchScript() {
        return folder().resolve(file + ".pt");
    }

    /** The same model for ONNX Runtime. */
    public Path onnx() {
        return folder().resolve(file + ".onnx");
    }

    /** The input's shape. */
    public long[] shape() {
        return this == MLP ? new long[] {1, 16} : new long[] {1, 3, 224, 224};
    }

    /** The input. */
    public float[] input() {
        return floats(file + ".input.f32");
    }

    /** PyTorch's answer. */
    public float[] output() {
        return floats(file + ".output.f32");
    }

    /** Fails unless an answer is PyTorch's, within rounding: a fast wrong answer does not count. */
    public void check(float[] answer) {
        float[] expected = output();
        if (answer.length != expected.length) {
            throw new AssertionError(this + " answered " + answer.length + " numbers, expected " + expected.length);
        }
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(answer[i] - expected[i]) <= 1e-4f * Math.max(1, Math.abs(expected[i])))) {
                throw new AssertionError(this + " answered " + answer[i] + " at " + i + ", expected " + expected[i]);
            }
        }
    }

    private static Path folder() {
        return Path.of(System.getProperty("cresset.models", "benchmarks/models/out"));
    }

    private static float[] floats(String name) {
        try {
            ByteBuffer bytes =
                    ByteBuffer.wrap(Files.readAllBytes(folder().resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
            float[] floats = new float[bytes.remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(floats);
            return floats;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
