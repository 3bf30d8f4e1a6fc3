package dev.cresset.internal.json;

import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A tensor as nested JSON arrays of numbers, all of one length at each depth; a number alone has no dimensions. */
public final class NestedNumbers {

    private final String archive;
    private final List<Long> shape = new ArrayList<>();
    private final List<JsonNode> leaves = new ArrayList<>();

    private NestedNumbers(String archive, JsonNode root) {
        this.archive = archive;
        for (JsonNode level = root; level.isArray(); level = level.get(0)) {
            shape.add((long) level.size());
            if (level.isEmpty()) {
                break;
            }
        }
        flatten(root, 0);
    }

    /** Reads a request that is one tensor. */
    public static NestedNumbers read(String archive, byte[] request) {
        return new NestedNumbers(archive, RequestJson.read(archive, request, "a nested array of numbers"));
    }

    /** Whether a request looks like an array, and not like the bytes of an image. */
    public static boolean isArray(byte[] request) {
        for (byte one : request) {
            if (one != ' ' && one != '\n' && one != '\r' && one != '\t') {
                return one == '[';
            }
        }
        return false;
    }

    private void flatten(JsonNode node, int depth) {
        if (depth == shape.size()) {
            if (!node.isNumber() && !node.isBoolean()) {
                throw new InvalidInputException(archive + ": the request has " + node.getNodeType()
                        + " where a number is expected; it must be a nested array of numbers");
            }
            leaves.add(node);
            return;
        }
        if (!node.isArray() || node.size() != shape.get(depth)) {
            throw new InvalidInputException(archive + ": the request's arrays differ in length, expected the shape "
                    + shape + " that its first elements have");
        }
        for (JsonNode element : node) {
            flatten(element, depth + 1);
        }
    }

    public long[] shape() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** Writes it with the type that {@code torch.as_tensor} chooses: float32 for fractions or no numbers, int64, or bool. */
    public void write(Inputs inputs) {
        switch (leaves.stream().map(OneType::of).max(Comparator.naturalOrder()).orElse(OneType.FLOAT)) {
            case BOOLEAN -> write(inputs, DataType.BOOL, Tensor.of(booleans(), shape()));
            case INTEGER -> write(inputs, DataType.INT64, Tensor.of(longs(), shape()));
            case FLOAT -> writeFloats(inputs);
        }
    }

    private boolean[] booleans() {
        boolean[] data = new boolean[leaves.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = leaves.get(i).asBoolean();
        }
        return data;
    }

    private long[] longs() {
        long[] data = new long[leaves.size()];
        for (int i = 0; i < data.length; i++) {
            JsonNode leaf = leaves.get(i);
            if (leaf.isBoolean()) {
                data[i] = leaf.asBoolean() ? 1 : 0;
            } else if (leaf.canConvertToLong()) {
                data[i] = leaf.asLong();
            } else {
                throw new InvalidInputException(archive + ": the request's number "
                        + RequestJson.shortened(leaf.toString()) + " is beyond int64");
            }
        }
        return data;
    }

    /** Writes it as float32. */
    public void writeFloats(Inputs inputs) {
        writeFloats(inputs.tensor(DataType.FLOAT32, shape()));
    }

    /** Writes it to a tensor of float32 with as many elements. */
    public void writeFloats(Tensor floats) {
        float[] data = new float[leaves.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) OneType.doubleOf(leaves.get(i));
        }
        floats.copyFrom(data);
    }

    private static void write(Inputs inputs, DataType type, Tensor parsed) {
        try (parsed) {
            inputs.tensor(type, parsed.shape()).copyFrom(parsed);
        }
    }
}
