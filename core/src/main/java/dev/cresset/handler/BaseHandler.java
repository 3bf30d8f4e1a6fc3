package dev.cresset.handler;

import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.InvalidInputException;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * TorchServe's {@code base_handler}: one item as a nested JSON array of numbers in, the model's tensor for it as nested
 * arrays out. Types as {@code torch.as_tensor} chooses them: float32 if there is a fraction among the numbers, else int64,
 * or bool.
 */
final class BaseHandler implements Handler<byte[], String> {

    private static final JsonMapper JSON = new JsonMapper();

    private final String archive;

    BaseHandler(ModelArchive archive) {
        this.archive = String.valueOf(archive.path().getFileName());
    }

    @Override
    public void preprocess(byte[] request, Inputs inputs) {
        JsonNode root;
        try {
            root = JSON.readTree(request);
        } catch (JacksonException e) {
            throw new InvalidInputException(
                    archive + ": the request is not JSON, expected a nested array of numbers: "
                            + e.getOriginalMessage(),
                    e);
        }
        List<Long> shape = new ArrayList<>();
        for (JsonNode level = root; level.isArray(); level = level.get(0)) {
            shape.add((long) level.size());
            if (level.isEmpty()) {
                break;
            }
        }
        List<JsonNode> leaves = new ArrayList<>();
        flatten(root, shape, 0, leaves);
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        if (leaves.stream().allMatch(JsonNode::isBoolean) && !leaves.isEmpty()) {
            boolean[] data = new boolean[leaves.size()];
            for (int i = 0; i < data.length; i++) {
                data[i] = leaves.get(i).asBoolean();
            }
            write(inputs, DataType.BOOL, Tensor.of(data, sizes));
        } else if (leaves.stream().allMatch(JsonNode::isIntegralNumber) && !leaves.isEmpty()) {
            long[] data = leaves.stream().mapToLong(JsonNode::asLong).toArray();
            write(inputs, DataType.INT64, Tensor.of(data, sizes));
        } else {
            float[] data = new float[leaves.size()];
            for (int i = 0; i < data.length; i++) {
                data[i] = (float) leaves.get(i).asDouble();
            }
            inputs.tensor(DataType.FLOAT32, sizes).copyFrom(data);
        }
    }

    private static void write(Inputs inputs, DataType type, Tensor parsed) {
        try (parsed) {
            inputs.tensor(type, parsed.shape()).copyFrom(parsed);
        }
    }

    private void flatten(JsonNode node, List<Long> shape, int depth, List<JsonNode> leaves) {
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
            flatten(element, shape, depth + 1, leaves);
        }
    }

    @Override
    public String postprocess(Value output) {
        return PythonJson.write(NestedLists.of(output.asTensor()));
    }
}
