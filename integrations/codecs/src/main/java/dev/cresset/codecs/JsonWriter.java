package dev.cresset.codecs;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes messages as JSON, with the elements in it or behind it. */
final class JsonWriter {
    static final String BINARY_SIZE = "binary_data_size";

    // Not numbers to JSON, but what Python's parsers take.
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build();

    private JsonWriter() {}

    static byte[] json(Message message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, message, List.of());
        return out.toByteArray();
    }

    static BinaryBody binary(Message message) {
        List<byte[]> raw = message.tensors().stream().map(Elements::raw).toList();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, message, raw);
        int jsonLength = out.size();
        raw.forEach(out::writeBytes);
        return new BinaryBody(out.toByteArray(), jsonLength);
    }

    /** With no raw bytes, the elements are written here. */
    private static void write(ByteArrayOutputStream out, Message message, List<byte[]> raw) {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            writeUnlessEmpty(json, "id", message.id());
            if (!message.isRequest()) {
                json.writeName("model_name").writeString(message.modelName());
                writeUnlessEmpty(json, "model_version", message.modelVersion());
            }
            json.writeName(Message.kind(message.isRequest())).writeStartArray();
            for (int i = 0; i < message.tensors().size(); i++) {
                InferTensor tensor = message.tensors().get(i);
                if (raw.isEmpty()) {
                    writeTensor(json, tensor, tensor.parameters());
                    json.writeName("data").writeStartArray();
                    writeElements(json, tensor);
                    json.writeEndArray();
                } else {
                    Map<String, Object> parameters = new LinkedHashMap<>(tensor.parameters());
                    parameters.put(BINARY_SIZE, (long) raw.get(i).length);
                    writeTensor(json, tensor, parameters);
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            writeWanted(json, message.wanted());
            writeParameters(json, message.parameters());
            json.writeEndObject();
        }
    }

    private static void writeUnlessEmpty(JsonGenerator json, String name, String value) {
        if (!value.isEmpty()) {
            json.writeName(name).writeString(value);
        }
    }

    /** Leaves the object open. */
    private static void writeTensor(JsonGenerator json, InferTensor tensor, Map<String, Object> parameters) {
        json.writeStartObject();
        json.writeName("name").writeString(tensor.name());
        json.writeName("shape").writeStartArray();
        for (long size : tensor.shape()) {
            json.writeNumber(size);
        }
        json.writeEndArray();
        json.writeName("datatype").writeString(tensor.datatype());
        writeParameters(json, parameters);
    }

    private static void writeWanted(JsonGenerator json, List<InferRequest.Output> wanted) {
        if (wanted.isEmpty()) {
            return;
        }
        json.writeName("outputs").writeStartArray();
        for (InferRequest.Output output : wanted) {
            json.writeStartObject().writeName("name").writeString(output.name());
            writeParameters(json, output.parameters());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeParameters(JsonGenerator json, Map<String, Object> parameters) {
        if (parameters.isEmpty()) {
            return;
        }
        json.writeName("parameters").writeStartObject();
        parameters.forEach((name, value) -> {
            json.writeName(name);
            if (value instanceof Boolean truth) {
                json.writeBoolean(truth);
            } else if (value instanceof Long number) {
                json.writeNumber(number);
            } else if (value instanceof BigInteger number) {
                json.writeNumber(number);
            } else if (value instanceof Double number) {
                json.writeNumber(number);
            } else if (value instanceof String text) {
                json.writeString(text);
            } else {
                throw Parameters.noForm(name, value);
            }
        });
        json.writeEndObject();
    }

    private static void writeElements(JsonGenerator json, InferTensor one) {
        switch (one.type()) {
            case BYTES -> one.bytes().forEach(element -> json.writeString(text(one, element)));
            case BOOL -> {
                for (boolean value : one.tensor().toBooleanArray()) {
                    json.writeBoolean(value);
                }
            }
            case FP64 -> {
                for (double value : one.tensor().toDoubleArray()) {
                    json.writeNumber(value);
                }
            }
            case FP16, BF16, FP32 -> {
                for (float value : one.tensor().toFloatArray()) {
                    json.writeNumber(value);
                }
            }
            default -> {
                for (long value : Integers.of(one.tensor())) {
                    json.writeNumber(value);
                }
            }
        }
    }

    private static String text(InferTensor one, byte[] element) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(element));
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "tensor '" + one.name()
                            + "' has bytes that are no text, for which JSON has no form; send it binary",
                    e);
        }
    }
}
