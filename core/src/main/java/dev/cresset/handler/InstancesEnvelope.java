package dev.cresset.handler;

import dev.cresset.Envelope;
import dev.cresset.InvalidInputException;
import dev.cresset.internal.json.OneType;
import dev.cresset.internal.json.RequestJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code {"instances": [...]}} to {@code {"predictions": [...]}}: TorchServe's {@code json} and {@code kserve}, which differ
 * in how the answer is laid out.
 *
 * <p>Immutable, safe for use by several threads.
 */
final class InstancesEnvelope implements Envelope<byte[], String> {
    private static final String FORM = "{\"instances\": [...]}";

    private final String archive;
    private final boolean onOneLine;

    InstancesEnvelope(String archive, boolean onOneLine) {
        this.archive = archive;
        this.onOneLine = onOneLine;
    }

    @Override
    public Opened<byte[], String> open(byte[] request) {
        JsonNode instances = RequestJson.read(archive, request, FORM).path("instances");
        if (!instances.isArray()) {
            throw new InvalidInputException(archive + ": the request has no list of instances, expected " + FORM);
        }
        if (instances.isEmpty()) {
            throw new InvalidInputException(archive + ": the request's list of instances is empty");
        }
        OneType type = OneType.of(instances);
        List<byte[]> items = new ArrayList<>(instances.size());
        instances.forEach(instance -> items.add(item(instance, type)));
        return new Instances(items, onOneLine);
    }

    private byte[] item(JsonNode instance, OneType type) {
        JsonNode content = content(instance);
        if (isBase64(content)) {
            return decode(content);
        } else if (content.isString()) {
            return content.asString().getBytes(StandardCharsets.UTF_8);
        }
        StringBuilder text = new StringBuilder();
        // What stands in an object is a tensor by itself, the other instances are one.
        (instance.isObject() ? OneType.of(content) : type).append(text, content);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What handlers look for in an instance: its data, or else its body; if it has neither, it is meant as it is. */
    private static JsonNode content(JsonNode instance) {
        JsonNode data = instance.path("data");
        JsonNode body = instance.path("body");
        if (data.isMissingNode() && body.isMissingNode()) {
            return instance;
        }
        return isNothing(data) && !body.isMissingNode() ? body : data;
    }

    /** What Python takes for false. */
    private static boolean isNothing(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || (value.isContainer() && value.isEmpty())
                || (value.isString() && value.asString().isEmpty())
                || (value.isBoolean() && !value.asBoolean())
                || (value.isNumber() && RequestJson.doubleOf(value) == 0);
    }

    private static boolean isBase64(JsonNode value) {
        return value.isObject() && value.size() == 1 && value.path("b64").isString();
    }

    private byte[] decode(JsonNode value) {
        try {
            // The decoder for mail skips line ends and other characters, as Python's does.
            return Base64.getMimeDecoder().decode(value.path("b64").asString());
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(archive + ": the request's b64 is not base64: " + e.getMessage(), e);
        }
    }

    private record Instances(List<byte[]> items, boolean onOneLine) implements Opened<byte[], String> {
        @Override
        public String answer(List<String> answers) {
            List<@Nullable Object> predictions = new ArrayList<>(answers.size());
            answers.forEach(answer -> predictions.add(RequestJson.valueOf(answer)));
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("predictions", predictions);
            return onOneLine ? PythonJson.writeLine(all) : PythonJson.write(all);
        }
    }
}
