package dev.cresset.internal.tuning;

import dev.cresset.internal.Sha256;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * What a module answered to its samples when it was tuned, kept with the plan: a later start holds the way that was chosen to it, and need
 * not have the frozen module answer, whose first run takes longest. One tensor that is not large, which most answers are.
 */
public final class KnownAnswer {

    /** No larger ones are kept, in bytes: a plan is a small file. */
    private static final int LARGEST = 1 << 16;

    private static final String SAMPLES = "answered";
    private static final String TYPE = "answer.type";
    private static final String SHAPE = "answer.shape";
    private static final String NUMBERS = "answer.numbers";

    private final String samples;
    private final DataType type;
    private final long[] shape;
    private final byte[] numbers;

    private KnownAnswer(String samples, DataType type, long[] shape, byte[] numbers) {
        this.samples = samples;
        this.type = type;
        this.shape = shape;
        this.numbers = numbers;
    }

    /** Of an answer to these samples; empty if it is not to be kept. Copies what it needs. */
    static Optional<KnownAnswer> of(List<Value> samples, Value answer) {
        if (!(answer instanceof Tensor tensor)) {
            return Optional.empty();
        }
        ByteBuffer bytes = tensor.asByteBuffer();
        if (bytes.remaining() > LARGEST) {
            return Optional.empty();
        }
        byte[] numbers = new byte[bytes.remaining()];
        bytes.get(numbers);
        return Optional.of(new KnownAnswer(digest(samples), tensor.dataType(), tensor.shape(), numbers));
    }

    /** Whether it is the answer to samples with these numbers. */
    boolean isOf(List<Value> others) {
        return samples.equals(digest(others));
    }

    /** Says how an answer differs from it, or nothing. */
    Optional<String> difference(Agreement agreement, Value found) {
        try (Tensor answer = Tensor.allocate(type, shape)) {
            answer.asByteBuffer().put(numbers);
            return agreement.difference(answer, found);
        }
    }

    private static String digest(List<Value> samples) {
        MessageDigest digest = Sha256.start();
        for (Value sample : samples) {
            FlattenedValue leaves = FlattenedValue.of(sample);
            digest.update(leaves.form().getBytes(StandardCharsets.UTF_8));
            for (Value leaf : leaves.values()) {
                if (leaf instanceof Tensor tensor) {
                    digest.update(tensor.asByteBuffer());
                } else {
                    digest.update(leaf.toString().getBytes(StandardCharsets.UTF_8));
                    digest.update((byte) 0);
                }
            }
        }
        return Sha256.hex(digest);
    }

    void writeTo(Properties properties) {
        properties.setProperty(SAMPLES, samples);
        properties.setProperty(TYPE, type.name());
        properties.setProperty(SHAPE, Arrays.toString(shape));
        properties.setProperty(NUMBERS, Base64.getEncoder().encodeToString(numbers));
    }

    /**
     * What was written; empty if that is none.
     *
     * @throws IllegalArgumentException if it is not as it was written
     */
    static Optional<KnownAnswer> in(Properties properties) {
        String samples = properties.getProperty(SAMPLES);
        if (samples == null) {
            return Optional.empty();
        }
        DataType type = DataType.valueOf(properties.getProperty(TYPE, ""));
        String sizes = properties.getProperty(SHAPE, "").replaceAll("[\\[\\] ]", "");
        long[] shape = sizes.isEmpty()
                ? new long[0]
                : Arrays.stream(sizes.split(",", -1)).mapToLong(Long::parseLong).toArray();
        byte[] numbers = Base64.getDecoder().decode(properties.getProperty(NUMBERS, ""));
        long size = type.bytes();
        for (long one : shape) {
            size = one < 0 || one > LARGEST ? -1 : Math.multiplyExact(size, one);
        }
        if (size != numbers.length) {
            throw new IllegalArgumentException("an answer of " + numbers.length + " bytes, expected " + size);
        }
        return Optional.of(new KnownAnswer(samples, type, shape, numbers));
    }
}
