package dev.cresset.onnx;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A {@code TensorProto} as ONNX's own tests save one: what a call gets, or what it should give. */
final class TensorFile {

    private static final int FLOAT = 1;
    private static final int DOUBLE = 11;

    /** By the numbers that {@code TensorProto.DataType} has; null where core has none. */
    private static final @Nullable DataType[] TYPES = {
        null,
        DataType.FLOAT32,
        DataType.UINT8,
        DataType.INT8,
        null,
        DataType.INT16,
        DataType.INT32,
        DataType.INT64,
        null,
        DataType.BOOL,
        DataType.FLOAT16,
        DataType.FLOAT64,
        null,
        null,
        null,
        null,
        DataType.BFLOAT16
    };

    /** Bytes of an element of {@code uint16}, {@code uint32} and {@code uint64}; else of core's type. */
    private static int size(int type) {
        return switch (type) {
            case 4 -> 2;
            case 12 -> 4;
            case 13 -> 8;
            default -> Objects.requireNonNull(TYPES[type]).bytes();
        };
    }

    static TensorFile read(byte[] file) {
        return read(ByteBuffer.wrap(file));
    }

    /** The elements of a {@code SequenceProto}. */
    static List<TensorFile> sequence(byte[] file) {
        List<TensorFile> elements = new ArrayList<>();
        for (ByteBuffer in = ByteBuffer.wrap(file); in.hasRemaining(); ) {
            long tag = varint(in);
            if ((tag & 7) == 0) {
                varint(in);
            } else {
                ByteBuffer content = content(in);
                if (tag >>> 3 == 3) {
                    elements.add(read(content));
                }
            }
        }
        return elements;
    }

    private final int type;
    private final long[] shape;
    private final List<String> texts;
    private final long[] bits;

    private TensorFile(int type, long[] shape, List<String> texts, long[] bits) {
        this.type = type;
        this.shape = shape;
        this.texts = texts;
        this.bits = bits;
    }

    long[] shape() {
        return shape.clone();
    }

    private static TensorFile read(ByteBuffer in) {
        List<Long> shape = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        @Nullable ByteBuffer raw = null;
        int type = 0;
        while (in.hasRemaining()) {
            long tag = varint(in);
            int field = (int) (tag >>> 3);
            int kind = (int) (tag & 7);
            ByteBuffer content = kind == 2 ? content(in) : in;
            switch (field) {
                case 1 -> numbers(content, kind, shape);
                case 2 -> type = (int) varint(in);
                case 4 -> fixed(content, kind, Float.BYTES, numbers);
                case 10 -> fixed(content, kind, Double.BYTES, numbers);
                case 5, 7, 11 -> numbers(content, kind, numbers);
                case 6 -> texts.add(StandardCharsets.UTF_8.decode(content).toString());
                case 9 -> raw = content.order(ByteOrder.LITTLE_ENDIAN);
                default -> {
                    if (kind == 0) {
                        varint(in);
                    }
                }
            }
        }
        while (raw != null && raw.hasRemaining()) {
            numbers.add(
                    switch (size(type)) {
                        case 1 -> (long) raw.get();
                        case 2 -> (long) raw.getShort();
                        case 4 -> (long) raw.getInt();
                        default -> raw.getLong();
                    });
        }
        return new TensorFile(type, array(shape), texts, array(numbers));
    }

    private static long[] array(List<Long> numbers) {
        return numbers.stream().mapToLong(number -> number).toArray();
    }

    private static void numbers(ByteBuffer in, int kind, List<Long> into) {
        do {
            into.add(varint(in));
        } while (kind == 2 && in.hasRemaining());
    }

    private static void fixed(ByteBuffer in, int kind, int size, List<Long> into) {
        ByteBuffer bytes = in.order(ByteOrder.LITTLE_ENDIAN);
        do {
            into.add(size == Float.BYTES ? bytes.getInt() : bytes.getLong());
        } while (kind == 2 && bytes.hasRemaining());
    }

    private static ByteBuffer content(ByteBuffer in) {
        int length = (int) varint(in);
        ByteBuffer content = in.slice(in.position(), length);
        in.position(in.position() + length);
        return content;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte part = in.get();
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return value;
            }
        }
    }

    Value value() {
        if (type == 8) {
            return texts(0, new int[1]);
        }
        Tensor tensor = Tensor.allocate(Objects.requireNonNull(TYPES[type]), shape);
        ByteBuffer bytes = tensor.asByteBuffer();
        for (int i = 0; i < bits.length; i++) {
            switch (size(type)) {
                case 1 -> bytes.put(i, (byte) bits[i]);
                case 2 -> bytes.putShort(2 * i, (short) bits[i]);
                case 4 -> bytes.putInt(4 * i, (int) bits[i]);
                default -> bytes.putLong(8 * i, bits[i]);
            }
        }
        return tensor;
    }

    private Value texts(int depth, int[] next) {
        if (depth == shape.length) {
            return Value.of(texts.get(next[0]++));
        }
        List<Value> elements = new ArrayList<>();
        for (int i = 0; i < shape[depth]; i++) {
            elements.add(texts(depth + 1, next));
        }
        return Value.list(elements);
    }

    /** The element as a number; unsigned ones as they are. */
    double number(int index) {
        long bit = bits[index];
        return switch (type) {
            case FLOAT -> Float.intBitsToFloat((int) bit);
            case DOUBLE -> Double.longBitsToDouble(bit);
            case 2 -> bit & 0xff;
            case 4 -> bit & 0xffff;
            case 12 -> bit & 0xffff_ffffL;
            case 10 -> half((short) bit);
            case 16 -> Float.intBitsToFloat((int) bit << 16);
            default -> bit;
        };
    }

    static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >> 10) & 31;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            return Math.copySign(fraction * 0x1p-24f, Float.intBitsToFloat(sign | 0x3f800000));
        }
        return Float.intBitsToFloat(sign | ((exponent == 31 ? 255 : exponent + 112) << 23) | (fraction << 13));
    }
}
