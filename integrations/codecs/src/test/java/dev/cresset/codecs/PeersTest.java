package dev.cresset.codecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bytes that Triton's client and KServe's server wrote are read, and written again as they were. */
class PeersTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNode TRITON = recorded("tritonclient");
    private static final JsonNode KSERVE = recorded("kserve");

    private static JsonNode recorded(String peer) {
        return JSON.readTree(Path.of(System.getProperty("cresset.fixtures"), "infer", peer + ".json"));
    }

    private static byte[] decoded(JsonNode base64) {
        return Base64.getDecoder().decode(base64.asString());
    }

    private static Message read(JsonNode recorded) {
        byte[] body = decoded(recorded.get("body"));
        String what = recorded.has("inputs") ? "request" : "response";
        return switch (recorded.get("form").asString()) {
            case "json", "binary" ->
                JsonReader.read(what, body, recorded.get("json_length").asInt());
            default -> ProtoMessages.read(what, body);
        };
    }

    private static byte[] written(String form, Message message) {
        return switch (form) {
            case "json" -> JsonWriter.json(message);
            case "binary" -> JsonWriter.binary(message).bytes();
            default -> ProtoMessages.write(message, form.equals("typed"));
        };
    }

    private static List<JsonNode> all() {
        List<JsonNode> all = new ArrayList<>();
        TRITON.get("requests").forEach(all::add);
        TRITON.get("responses").forEach(all::add);
        KSERVE.get("responses").forEach(all::add);
        return all;
    }

    @TestFactory
    List<DynamicTest> whatAPeerWrote_hasItsTensors() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode recorded : all()) {
            JsonNode expected = recorded.has("inputs") ? recorded.get("inputs") : recorded.get("outputs");
            tests.add(DynamicTest.dynamicTest(name(recorded), () -> {
                Message message = read(recorded);
                assertThat(message.id()).isEqualTo("r-1");
                assertThat(message.tensors()).hasSize(expected.size());
                for (int i = 0; i < expected.size(); i++) {
                    try (InferTensor tensor = message.tensors().get(i)) {
                        assertThat(tensor.name())
                                .isEqualTo(expected.get(i).get("name").asString());
                        assertThat(tensor.datatype())
                                .isEqualTo(expected.get(i).get("datatype").asString());
                        assertThat(JSON.valueToTree(tensor.shape()).toString())
                                .isEqualTo(expected.get(i).get("shape").toString());
                        assertThat(Elements.raw(tensor))
                                .as(tensor.name())
                                .isEqualTo(decoded(expected.get(i).get("raw")));
                    }
                }
            }));
        }
        return tests;
    }

    @TestFactory
    List<DynamicTest> whatAPeerWrote_isWrittenTheSame() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode recorded : all()) {
            String form = recorded.get("form").asString();
            tests.add(DynamicTest.dynamicTest(name(recorded), () -> {
                Message message = read(recorded);
                byte[] again = written(form, message);
                message.tensors().forEach(InferTensor::close);
                if (form.equals("json")) {
                    // Numbers in JSON have more than one spelling.
                    assertThat(narrowed(JSON.readTree(again)))
                            .isEqualTo(narrowed(JSON.readTree(decoded(recorded.get("body")))));
                } else {
                    assertThat(again).isEqualTo(decoded(recorded.get("body")));
                }
            }));
        }
        return tests;
    }

    /** With FP32 as floats: one peer writes their digits as doubles. */
    private static String narrowed(JsonNode root) {
        StringBuilder text = new StringBuilder();
        for (String kind : List.of("inputs", "outputs")) {
            for (JsonNode tensor : root.path(kind)) {
                text.append(tensor.path("name")).append(tensor.path("shape")).append(tensor.path("parameters"));
                for (JsonNode element : tensor.path("data")) {
                    boolean single = tensor.path("datatype").asString().equals("FP32");
                    text.append(' ').append(single ? (float) element.asDouble() : element.toString());
                }
            }
        }
        return text.append(root.path("parameters"))
                .append(root.path("id"))
                .append(root.path("model_name"))
                .toString();
    }

    private static String name(JsonNode recorded) {
        JsonNode tensors = recorded.has("inputs") ? recorded.get("inputs") : recorded.get("outputs");
        return recorded.get("form").asString() + (recorded.has("inputs") ? " request " : " response ") + tensors.size()
                + " " + tensors.get(0).get("name").asString();
    }

    @Test
    void triton_parametersAndWantedOutputs_areRead() {
        try (InferRequest http = InferRequest.readBinary(
                        decoded(TRITON.get("requests").get(0).get("body")),
                        TRITON.get("requests").get(0).get("json_length").asInt());
                InferRequest grpc = InferRequest.readProto(
                        decoded(TRITON.get("requests").get(2).get("body")))) {
            assertThat(http.parameters()).isEqualTo(Map.of("timeout", 7L, "mode", "fast"));
            assertThat(http.outputs())
                    .containsExactly(
                            new InferRequest.Output("scores", Map.of("binary_data", true)),
                            new InferRequest.Output("labels", Map.of("binary_data", false)));
            assertThat(grpc.modelName()).hasValue("m");
            assertThat(grpc.modelVersion()).hasValue("2");
            assertThat(http.modelName()).isEmpty();
            assertThat(grpc.parameters())
                    .containsEntry("mode", "fast")
                    .containsEntry("deep", true)
                    .containsEntry("rate", 0.5)
                    .containsEntry("depth", -2L)
                    .containsEntry("priority", BigInteger.valueOf(9));
            assertThat(grpc.outputs().get(1).parameters()).containsEntry("classification", 3L);
        }
    }

    @Test
    void halves_areRoundedAsNumpyAndTorchRoundThem() {
        for (JsonNode row : TRITON.get("halves")) {
            float value = Float.intBitsToFloat(row.get(0).asInt());
            assertThat(FloatToHalf.toFloat16(value) & 0xffff)
                    .as("float16 of %s", value)
                    .isEqualTo(row.get(1).asInt());
            assertThat(FloatToHalf.toBfloat16(value) & 0xffff)
                    .as("bfloat16 of %s", value)
                    .isEqualTo(row.get(2).asInt());
        }
        assertThat(TRITON.get("halves").size()).isGreaterThan(300);
    }
}
