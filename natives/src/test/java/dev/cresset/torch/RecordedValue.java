package dev.cresset.torch;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Values as {@code fixtures/python/common.py} writes them, which says what PyTorch took and gave. */
public final class RecordedValue {

    private RecordedValue() {}

    /** Reads one; the tensors in it are the caller's to close. */
    public static Value read(JsonNode node) {
        String kind = node.propertyNames().iterator().next();
        JsonNode value = node.get(kind);
        return switch (kind) {
            case "tensor" -> tensor(value);
            case "picture" -> picture(value);
            case "tuple" -> new Value.TupleValue(list(value));
            case "list" -> Value.list(list(value));
            case "dict" -> dict(value);
            case "int" -> Value.of(value.asLong());
            case "float" -> Value.of(number(value));
            case "bool" -> Value.of(value.asBoolean());
            case "str" -> Value.of(value.asString());
            case "none" -> Value.none();
            default -> throw new IllegalArgumentException("the file has a value of kind " + kind);
        };
    }

    /** JSON has no infinities: Python's names for them are written as strings. */
    private static double number(JsonNode value) {
        if (!value.isString()) {
            return value.asDouble();
        }
        return switch (value.asString()) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.NaN;
        };
    }

    private static List<Value> list(JsonNode nodes) {
        List<Value> values = new ArrayList<>();
        nodes.forEach(node -> values.add(read(node)));
        return values;
    }

    private static Value dict(JsonNode nodes) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        nodes.forEach(entry -> entries.put(read(entry.get(0)), read(entry.get(1))));
        return new Value.DictValue(entries);
    }

    /** A picture's bytes as the numbers from 0 to 1 that a detector takes. */
    private static Tensor picture(JsonNode node) {
        try (Tensor pixels = tensor(node)) {
            Tensor tensor = Tensor.allocate(DataType.FLOAT32, pixels.shape());
            ByteBuffer bytes = pixels.asByteBuffer();
            FloatBuffer numbers = tensor.asFloatBuffer();
            while (bytes.hasRemaining()) {
                numbers.put((bytes.get() & 0xff) / 255f);
            }
            return tensor;
        }
    }

    private static Tensor tensor(JsonNode node) {
        DataType type = DataType.valueOf(node.get("dtype").asString().toUpperCase(Locale.ROOT));
        long[] shape = IntStream.range(0, node.get("shape").size())
                .mapToLong(i -> node.get("shape").get(i).asLong())
                .toArray();
        Tensor tensor = Tensor.allocate(type, shape);
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalStateException("the file has its numbers in little-endian order");
        }
        tensor.asByteBuffer().put(Base64.getDecoder().decode(node.get("data").asString()));
        return tensor;
    }
}
