package dev.cresset.codecs;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.Tensor;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads messages from JSON, with the elements in it or behind it. Used for one message. */
final class JsonReader {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String what;
    private final ByteBuffer raw;
    private final List<InferTensor> tensors = new ArrayList<>();

    /** Jackson's own words speak of itself, but for what it refuses to read. */
    private static String where(JacksonException e) {
        TokenStreamLocation place = e.getLocation();
        if (e instanceof StreamConstraintsException || place == null || place.getLineNr() < 1) {
            return ": " + e.getOriginalMessage();
        }
        return " (line " + place.getLineNr() + ", column " + place.getColumnNr()
                + "), expected an object with its tensors";
    }

    private JsonReader(String what, ByteBuffer raw) {
        this.what = what;
        this.raw = raw;
    }

    static Message read(String what, byte[] body, int jsonLength) {
        if (jsonLength < 0 || jsonLength > body.length) {
            throw new InvalidInputException(
                    "the " + what + "'s JSON is said to have " + jsonLength + " bytes, the whole has " + body.length);
        }
        JsonNode root;
        try {
            root = JSON.readTree(body, 0, jsonLength);
        } catch (JacksonException e) {
            throw new InvalidInputException("the " + what + " is not JSON" + where(e), e);
        }
        ByteBuffer raw = ByteBuffer.wrap(body, jsonLength, body.length - jsonLength);
        return new JsonReader(what, raw).message(root);
    }

    private Message message(JsonNode root) {
        boolean request = what.equals("request");
        boolean success = false;
        try {
            String kind = Message.kind(request);
            JsonNode all = root.path(kind);
            if (!all.isArray()) {
                throw refused("has no list of " + kind);
            }
            for (JsonNode one : all) {
                tensors.add(tensor(one));
            }
            if (raw.hasRemaining()) {
                throw refused("has " + raw.remaining() + " bytes behind its last tensor");
            }
            Message message = new Message(
                    request,
                    text(root, "model_name"),
                    text(root, "model_version"),
                    text(root, "id"),
                    parameters(root),
                    tensors,
                    request ? wanted(root.path("outputs")) : List.of());
            success = true;
            return message;
        } finally {
            if (!success) {
                tensors.forEach(InferTensor::close);
            }
        }
    }

    private InvalidInputException refused(String why) {
        return new InvalidInputException("the " + what + " " + why);
    }

    private String text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isString()) {
            throw refused("has a " + value.getNodeType() + " as its " + name + ", expected a string");
        }
        return value.asString();
    }

    private List<InferRequest.Output> wanted(JsonNode outputs) {
        List<InferRequest.Output> wanted = new ArrayList<>();
        outputs.forEach(output -> wanted.add(new InferRequest.Output(text(output, "name"), parameters(output))));
        return wanted;
    }

    private Map<String, Object> parameters(JsonNode object) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : object.path("parameters").properties()) {
            parameters.put(entry.getKey(), parameter(entry.getKey(), entry.getValue()));
        }
        return parameters;
    }

    private Object parameter(String name, JsonNode value) {
        if (value.isBoolean()) {
            return value.asBoolean();
        } else if (value.isString()) {
            return value.asString();
        } else if (value.isIntegralNumber()) {
            BigInteger number = value.bigIntegerValue();
            if (number.bitLength() < Long.SIZE) {
                return number.longValue();
            } else if (number.signum() > 0 && number.bitLength() == Long.SIZE) {
                return number;
            }
        } else if (value.isNumber()) {
            return value.doubleValue();
        }
        throw refused("has a parameter " + Quoted.of(name) + " that is no boolean, string or number of 64 bits");
    }

    private InferTensor tensor(JsonNode node) {
        String name = text(node, "name");
        String where = "the " + what + "'s tensor " + Quoted.of(name);
        Datatype datatype = Datatype.of(where, text(node, "datatype"));
        long[] shape = shape(where, node.path("shape"));
        Map<String, Object> parameters = parameters(node);
        Object size = parameters.remove(JsonWriter.BINARY_SIZE);
        InferTensor tensor;
        if (size != null) {
            ByteBuffer own = next(where, size);
            tensor = datatype == Datatype.BYTES
                    ? InferTensor.ofBytes(name, Elements.strings(where, shape, own), shape)
                    : InferTensor.of(name, Elements.tensor(where, datatype, shape, own));
        } else {
            tensor = inJson(where, name, datatype, shape, node.path("data"));
        }
        return tensor.withParameters(parameters);
    }

    private long[] shape(String where, JsonNode node) {
        if (!node.isArray()) {
            throw new InvalidInputException(where + " has no shape");
        }
        long[] shape = new long[node.size()];
        for (int i = 0; i < shape.length; i++) {
            JsonNode size = node.get(i);
            if (!size.isIntegralNumber() || !size.canConvertToLong()) {
                throw new InvalidInputException(where + " has the size " + size + " in its shape, expected an int64");
            }
            shape[i] = size.asLong();
        }
        return shape;
    }

    private ByteBuffer next(String where, Object size) {
        if (!(size instanceof Long bytes) || bytes < 0 || bytes > raw.remaining()) {
            throw new InvalidInputException(
                    where + " is said to have " + size + " bytes, there are " + raw.remaining());
        }
        ByteBuffer own = raw.slice().limit((int) (long) bytes);
        raw.position(raw.position() + (int) (long) bytes);
        return own;
    }

    private static InferTensor inJson(String where, String name, Datatype datatype, long[] shape, JsonNode data) {
        if (!data.isArray()) {
            throw new InvalidInputException(where + " has neither data nor a binary_data_size");
        }
        List<JsonNode> leaves = new ArrayList<>();
        flatten(data, leaves);
        Elements.requireCount(where, leaves.size(), shape);
        if (datatype == Datatype.BYTES) {
            return InferTensor.ofBytes(
                    name, leaves.stream().map(leaf -> bytes(where, leaf)).toList(), shape);
        }
        Tensor tensor = Tensor.allocate(datatype.type(), shape);
        boolean success = false;
        try {
            ByteBuffer bytes = tensor.asByteBuffer();
            leaves.forEach(leaf -> put(where, datatype, bytes, leaf));
            success = true;
            return InferTensor.of(name, tensor);
        } finally {
            if (!success) {
                tensor.close();
            }
        }
    }

    /** Jackson lets nothing in that is nested more than 500 deep. */
    private static void flatten(JsonNode value, List<JsonNode> leaves) {
        if (value.isArray()) {
            value.forEach(element -> flatten(element, leaves));
        } else {
            leaves.add(value);
        }
    }

    private static byte[] bytes(String where, JsonNode leaf) {
        if (!leaf.isString()) {
            throw wrong(where, leaf, "a string");
        }
        return leaf.asString().getBytes(StandardCharsets.UTF_8);
    }

    private static void put(String where, Datatype datatype, ByteBuffer bytes, JsonNode leaf) {
        if (datatype == Datatype.BOOL) {
            if (!leaf.isBoolean()) {
                throw wrong(where, leaf, "true or false");
            }
            bytes.put((byte) (leaf.asBoolean() ? 1 : 0));
        } else if (datatype.isFloat()) {
            if (!leaf.isNumber()) {
                throw wrong(where, leaf, "a number");
            }
            double value = leaf.isIntegralNumber() ? leaf.bigIntegerValue().doubleValue() : leaf.doubleValue();
            if (Double.isInfinite(value) && leaf.isIntegralNumber()) {
                throw wrong(where, leaf, "a number that a float can be");
            }
            switch (datatype) {
                case FP16 -> bytes.putShort(FloatToHalf.toFloat16((float) value));
                case BF16 -> bytes.putShort(FloatToHalf.toBfloat16((float) value));
                case FP32 -> bytes.putFloat((float) value);
                default -> bytes.putDouble(value);
            }
        } else {
            if (!leaf.isIntegralNumber() || !leaf.canConvertToLong()) {
                throw wrong(where, leaf, "an integer of 64 bits");
            }
            Integers.put(where, datatype, bytes, leaf.asLong());
        }
    }

    private static InvalidInputException wrong(String where, JsonNode leaf, String expected) {
        String text = leaf.toString();
        return new InvalidInputException(where + " has the element " + text.substring(0, Math.min(40, text.length()))
                + ", expected " + expected);
    }
}
