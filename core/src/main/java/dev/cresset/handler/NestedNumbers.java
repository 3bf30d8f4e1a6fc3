package dev.cresset.handler;

import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A tensor as nested JSON arrays of numbers, all of one length at each depth; a number alone has no dimensions. */
final class NestedNumbers {

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
    static NestedNumbers read(String archive, byte[] request) {
        return new NestedNumbers(archive, RequestJson.read(archive, request, "a nested array of numbers"));
    }

    /** Whether a request looks like an array, and not like the bytes of an image. */
    static boolean isArray(byte[] request) {
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

    private long[] sizes() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** Writes it with the type that {@code torch.as_tensor} chooses: float32 for fractions or no numbers, int64, or bool. */
    void write(Inputs inputs) {
        if (leaves.stream().allMatch(JsonNode::isBoolean) && !leaves.isEmpty()) {
            boolean[] data = new boolean[leaves.size()];
            for (int i = 0; i < data.length; i++) {
                data[i] = leaves.get(i).asBoolean();
            }
            write(inputs, DataType.BOOL, Tensor.of(data, sizes()));
        } else if (leaves.stream().allMatch(JsonNode::isIntegralNumber) && !leaves.isEmpty()) {
            long[] data = new long[leaves.size()];
            for (int i = 0; i < data.length; i++) {
                JsonNode leaf = leaves.get(i);
                if (!leaf.canConvertToLong()) {
                    throw new InvalidInputException(archive + ": the request's number " + leaf + " is beyond int64");
                }
                data[i] = leaf.asLong();
            }
            write(inputs, DataType.INT64, Tensor.of(data, sizes()));
        } else {
            writeFloats(inputs);
        }
    }

    /** Writes it as float32. */
    void writeFloats(Inputs inputs) {
        float[] data = new float[leaves.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) leaves.get(i).asDouble();
        }
        inputs.tensor(DataType.FLOAT32, sizes()).copyFrom(data);
    }

    private static void write(Inputs inputs, DataType type, Tensor parsed) {
        try (parsed) {
            inputs.tensor(type, parsed.shape()).copyFrom(parsed);
        }
    }
}
