package dev.cresset.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;

/**
 * A model that {@code models/make_models.py} made, with inputs and PyTorch's own answers to them. The system property {@code
 * cresset.models} names the folder.
 */
public enum Recorded {
    /** 16 numbers to 4, three linear layers: nothing but overhead. */
    MLP("mlp"),
    /** An image to 1000 scores. */
    RESNET18("resnet18"),
    /** The same, deeper. */
    RESNET50("resnet50"),
    /** The same, for phones: many small layers. */
    MOBILENET("mobilenet"),
    /** 128 tokens of width 256 through 4 layers. */
    TRANSFORMER("transformer"),
    /** 128 tokens of width 768 through 12 layers: BERT's size. */
    BERT("bert");

    private final String file;

    Recorded(String file) {
        this.file = file;
    }

    private long[] item() {
        return switch (this) {
            case MLP -> new long[] {16};
            case TRANSFORMER -> new long[] {128, 256};
            case BERT -> new long[] {128, 768};
            default -> new long[] {3, 224, 224};
        };
    }

    /** The TorchScript file. */
    public Path torchScript() {
        return folder().resolve(file + ".pt");
    }

    /** What {@code torch.export} made of the same model. */
    public Path exported() {
        return folder().resolve(file + ".pt2");
    }

    /** The same, taken apart into PyTorch's core operators. */
    public Path decomposed() {
        return folder().resolve(file + ".decomposed.pt2");
    }

    /** The same model for ONNX Runtime. */
    public Path onnx() {
        return folder().resolve(file + ".onnx");
    }

    /** The shape of an input of so many items. */
    public long[] shape(int batch) {
        return LongStream.concat(LongStream.of(batch), LongStream.of(item())).toArray();
    }

    /** An input of so many items. */
    public float[] input(int batch) {
        return floats(
                file + ".input.f32",
                batch,
                Math.toIntExact(LongStream.of(item()).reduce(1, (a, b) -> a * b)));
    }

    /** PyTorch's answer to it. */
    public float[] output(int batch) {
        return floats(file + ".output.f32", batch, outputSize());
    }

    /** How many numbers answer one item. */
    public int outputSize() {
        return switch (this) {
            case MLP -> 4;
            case TRANSFORMER -> 256;
            case BERT -> 768;
            default -> 1000;
        };
    }

    /** Fails unless an answer is PyTorch's, within rounding: a fast wrong answer does not count. */
    public void check(float[] answer, int batch) {
        check(answer, batch, 2e-4f);
    }

    /** Fails unless an answer is PyTorch's, but for a fraction of its largest number. */
    public void check(float[] answer, int batch, float fraction) {
        float[] expected = output(batch);
        if (answer.length != expected.length) {
            throw new AssertionError(this + " answered " + answer.length + " numbers, expected " + expected.length);
        }
        float largest = 1;
        for (float number : expected) {
            largest = Math.max(largest, Math.abs(number));
        }
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(answer[i] - expected[i]) <= fraction * largest)) {
                throw new AssertionError(this + " answered " + answer[i] + " at " + i + ", expected " + expected[i]);
            }
        }
    }

    private static Path folder() {
        return Path.of(System.getProperty("cresset.models", "benchmarks/models/out"));
    }

    /** The first items of a file. */
    private static ByteBuffer head(Path path, int most) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return ByteBuffer.wrap(in.readNBytes(most)).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static float[] floats(String name, int items, int size) {
        Path path = folder().resolve(name);
        try {
            ByteBuffer bytes = head(path, items * size * Float.BYTES);
            if (bytes.remaining() < items * size * Float.BYTES) {
                throw new IllegalArgumentException(
                        path + " has " + bytes.remaining() / size / Float.BYTES + " items, " + items + " are wanted");
            }
            float[] floats = new float[items * size];
            bytes.asFloatBuffer().get(floats);
            return floats;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
