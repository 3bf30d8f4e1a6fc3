package dev.cresset.benchmarks.zoo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** An array that {@code make.py} wrote: an input, or PyTorch's answer. */
final class Numbers {
    private final String type;
    private final long[] shape;
    private final ByteBuffer bytes;

    /** PyTorch's name of the numbers' type, the sizes, and the numbers in native order. */
    Numbers(String type, long[] shape, ByteBuffer bytes) {
        this.type = type;
        this.shape = shape;
        this.bytes = bytes;
    }

    String type() {
        return type;
    }

    long[] shape() {
        return shape.clone();
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /** Reads a file; with more items, what it has is repeated along the first dimension. */
    static Numbers read(Path file, String type, long[] shape, int times) throws IOException {
        byte[] once = Files.readAllBytes(file);
        ByteBuffer bytes = ByteBuffer.allocateDirect(once.length * times).order(ByteOrder.nativeOrder());
        for (int i = 0; i < times; i++) {
            bytes.put(once);
        }
        long[] repeated = shape.clone();
        if (times > 1) {
            repeated[0] *= times;
        }
        return new Numbers(type, repeated, bytes.flip());
    }

    /** The largest difference of an answer, relative to the largest number expected; infinite if it is of another size. */
    double distance(ByteBuffer found) {
        ByteBuffer expected = bytes.duplicate().order(ByteOrder.nativeOrder());
        ByteBuffer answer = found.duplicate().order(ByteOrder.nativeOrder());
        if (answer.remaining() != expected.remaining()) {
            return Double.POSITIVE_INFINITY;
        }
        int count = expected.remaining() / width();
        double largest = 1e-30;
        double worst = 0;
        for (int i = 0; i < count; i++) {
            double number = number(expected, i);
            largest = Math.max(largest, Math.abs(number));
            double difference = Math.abs(number - number(answer, i));
            worst = Math.max(worst, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
        }
        return worst / largest;
    }

    private int width() {
        return switch (type) {
            case "float32" -> Float.BYTES;
            case "float64", "int64" -> Long.BYTES;
            case "bool" -> 1;
            default -> throw new IllegalArgumentException("the zoo has no numbers of type " + type);
        };
    }

    private double number(ByteBuffer buffer, int i) {
        int at = buffer.position() + i * width();
        return switch (type) {
            case "float32" -> buffer.getFloat(at);
            case "float64" -> buffer.getDouble(at);
            case "int64" -> buffer.getLong(at);
            default -> buffer.get(at);
        };
    }

    @Override
    public String toString() {
        return type + " " + Arrays.toString(shape);
    }
}
