package dev.cresset.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that lie are refused with one exception, before anything is made for what they only declare. */
@Timeout(120)
class HostileTest {

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[",
                "3",
                "{}",
                "{\"inputs\": 3}",
                "{\"inputs\": [3]}",
                "{\"inputs\": []} {}",
                "{\"inputs\": [], \"id\": 3}",
                "{\"inputs\": [], \"parameters\": {\"a\": []}}",
                "{\"inputs\": [], \"parameters\": {\"a\": 99999999999999999999}}",
            })
    void json_thatIsNoRequest_isRefused(String json) {
        assertThatThrownBy(() -> InferRequest.readJson(utf8(json)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"shape\": [1], \"data\": [1]",
                "\"shape\": [1], \"datatype\": \"FP8\", \"data\": [1]",
                "\"shape\": [1], \"datatype\": \"UINT64\", \"data\": [1]",
                "\"shape\": [2], \"datatype\": \"FP32\", \"data\": [1]",
                "\"shape\": [-1], \"datatype\": \"FP32\", \"data\": [1]",
                "\"shape\": [-1, -1], \"datatype\": \"FP32\", \"data\": [1]",
                "\"shape\": [4294967296, 4294967297], \"datatype\": \"FP32\", \"data\": [1]",
                "\"shape\": [9223372036854775807], \"datatype\": \"FP64\", \"data\": []",
                "\"shape\": [9223372036854775808], \"datatype\": \"FP64\", \"data\": []",
                "\"shape\": [1.5], \"datatype\": \"FP64\", \"data\": [1]",
                "\"shape\": 1, \"datatype\": \"FP64\", \"data\": [1]",
                "\"shape\": [1], \"datatype\": \"FP32\"",
                "\"shape\": [1], \"datatype\": \"FP32\", \"data\": [\"1\"]",
                "\"shape\": [1], \"datatype\": \"INT8\", \"data\": [128]",
                "\"shape\": [1], \"datatype\": \"UINT8\", \"data\": [-1]",
                "\"shape\": [1], \"datatype\": \"INT32\", \"data\": [1.5]",
                "\"shape\": [1], \"datatype\": \"INT64\", \"data\": [9223372036854775808]",
                "\"shape\": [1], \"datatype\": \"BOOL\", \"data\": [1]",
                "\"shape\": [1], \"datatype\": \"BYTES\", \"data\": [1]",
                "\"shape\": [1], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": 4}",
                "\"shape\": [1], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": -4}",
                "\"shape\": [1], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": 9223372036854775807}",
                "\"shape\": [1], \"datatype\": \"FP32\", \"parameters\": {\"binary_data_size\": \"4\"}",
            })
    void json_tensorThatDoesNotFit_isRefusedByName(String tensor) {
        String json = "{\"inputs\": [{\"name\": \"x\", " + tensor + "}]}";
        assertThatThrownBy(() -> InferRequest.readJson(utf8(json)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the request's tensor 'x' ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void json_nestedTooDeep_isRefused() {
        String json = "{\"inputs\": [{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": "
                + "[".repeat(100_000) + "]".repeat(100_000) + "}]}";
        assertThatThrownBy(() -> InferRequest.readJson(utf8(json))).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void shape_ofManyDimensions_isRefused() {
        String json = "{\"inputs\": [{\"name\": \"x\", \"shape\": [" + "1,".repeat(9999)
                + "1], \"datatype\": \"FP32\", \"data\": [1]}]}";
        assertThatThrownBy(() -> InferRequest.readJson(utf8(json)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("the request's tensor 'x' has 10000 dimensions, expected at most 64");
    }

    @Test
    void tensors_withoutADatatype_areRefusedSo() {
        assertThatThrownBy(() -> InferRequest.readJson(utf8("{\"inputs\": [{\"name\": \"x\", \"shape\": [1]}]}")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the request's tensor 'x' has no datatype, expected one of [BOOL, ");
    }

    @Test
    void names_ofManyLinesOrGreatLength_areShortenedInMessages() {
        String json = "{\"inputs\": [{\"name\": \"a\\nb" + "x".repeat(1000) + "\", \"datatype\": \"FP8\"}]}";
        assertThatThrownBy(() -> InferRequest.readJson(utf8(json)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("the request's tensor 'a?bxxx")
                .hasMessageContaining("x...' has the datatype 'FP8', expected one of [BOOL, ");
    }

    @Test
    void binary_bytesLeftOver_areRefused() {
        byte[] body = utf8("{\"inputs\": []}rest");
        assertThatThrownBy(() -> InferRequest.readBinary(body, body.length - 4))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("the request has 4 bytes behind its last tensor");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 5, Integer.MAX_VALUE})
    void binary_headerLengthThatLies_isRefused(int length) {
        assertThatThrownBy(() -> InferRequest.readBinary(utf8("{}"), length))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("the request's JSON is said to have " + length + " bytes, the whole has 2");
    }

    @Test
    void binary_stringsThatDeclareMuch_areRefused() {
        String json = "{\"inputs\": [{\"name\": \"x\", \"shape\": [1000000000], \"datatype\": \"BYTES\","
                + " \"parameters\": {\"binary_data_size\": 4}}]}";
        byte[] body = utf8(json + "\u007f\u007f\u007f\u007f");
        assertThatThrownBy(() -> InferRequest.readBinary(body, json.length()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("the request's tensor 'x' ends within its element 0 of BYTES");
    }

    @Test
    void proto_rawAndTypedTogether_areRefused() {
        byte[] both = withRaw(InferRequest.of(InferTensor.of("x", Tensor.of(new float[] {1}, 1))));
        assertThatThrownBy(() -> InferRequest.readProto(both))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("the request's tensor 'x' has raw contents and typed ones, expected one of the two");
    }

    private static byte[] withRaw(InferRequest request) {
        try (request) {
            ProtoWriter out = new ProtoWriter();
            out.bytes(7, new byte[4]);
            byte[] typed = request.toTypedProto();
            byte[] raw = out.toBytes();
            byte[] both = Arrays.copyOf(typed, typed.length + raw.length);
            System.arraycopy(raw, 0, both, typed.length, raw.length);
            return both;
        }
    }

    @Test
    void proto_unpackedNumbersAndContentsInParts_areRead() {
        ProtoWriter first = new ProtoWriter();
        first.tag(6, ProtoReader.FIXED32);
        first.fixed32(Float.floatToIntBits(1.5f));
        ProtoWriter second = new ProtoWriter();
        second.tag(6, ProtoReader.FIXED32);
        second.fixed32(Float.floatToIntBits(2.5f));
        ProtoWriter tensor = new ProtoWriter();
        tensor.string(1, "x");
        tensor.string(2, "FP32");
        tensor.tag(3, ProtoReader.VARINT);
        tensor.varint(1);
        tensor.tag(3, ProtoReader.VARINT);
        tensor.varint(2);
        tensor.message(5, first);
        tensor.message(5, second);
        tensor.bytes(99, new byte[3]);
        ProtoWriter request = new ProtoWriter();
        request.message(5, tensor);
        try (InferRequest read = InferRequest.readProto(request.toBytes())) {
            assertThat(read.inputs().get(0).shape()).containsExactly(1, 2);
            assertThat(read.inputs().get(0).tensor().toFloatArray()).containsExactly(1.5f, 2.5f);
        }
    }

    @Test
    void bodies_withBytesChangedOrCutOff_areReadOrRefused() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int refused = 0;
        try (InferRequest request = InferRequest.of(
                InferTensor.of("a", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2)),
                InferTensor.of("b", Tensor.of(new long[] {1, -1}, 2)),
                InferTensor.ofStrings("c", List.of("cat", "dog"), 2))) {
            BinaryBody binary = request.toBinary();
            List<byte[]> bodies = List.of(request.toProto(), request.toTypedProto(), request.toJson(), binary.bytes());
            for (int i = 0; i < 40_000; i++) {
                int form = i % bodies.size();
                byte[] body = mutated(bodies.get(form), random);
                try (InferRequest read = form < 2
                        ? InferRequest.readProto(body)
                        : InferRequest.readBinary(body, form == 2 ? body.length : binary.jsonLength())) {
                    assertThat(read.inputs()).hasSizeLessThan(1000);
                } catch (InvalidInputException e) {
                    refused++;
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("seed " + seed + ", round " + i, e);
                }
            }
        }
        assertThat(refused).as("seed %d", seed).isBetween(5_000, 40_000);
    }

    private static byte[] mutated(byte[] body, Random random) {
        byte[] copy = body.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            copy[random.nextInt(copy.length)] = (byte) random.nextInt();
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(copy, random.nextInt(copy.length)) : copy;
    }

    @Test
    void readJson_numbersThatNothingHolds_areInvalidInput() {
        String many = "1" + "0".repeat(400);
        for (String datatype : List.of("FP32", "FP64", "FP16", "BF16", "INT64", "UINT64", "UINT8", "BOOL", "BYTES")) {
            for (String number : List.of(many, "-" + many, "1" + "0".repeat(5000), "[".repeat(20_000))) {
                String body = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"" + datatype + "\",\"shape\":[1],\"data\":["
                        + number + "]}]}";
                assertThatThrownBy(() -> InferRequest.readJson(body.getBytes(StandardCharsets.UTF_8)))
                        .isInstanceOf(InvalidInputException.class)
                        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
            }
        }
    }

    @Test
    void readJson_hugeNumbersElsewhere_areInvalidInput() {
        String many = "1" + "0".repeat(400);
        for (String member : List.of(
                "\"shape\":[" + many + "],\"data\":[1]",
                "\"shape\":[1],\"data\":[1],\"parameters\":{\"a\":" + many + "}",
                "\"shape\":[1],\"parameters\":{\"binary_data_size\":" + many + "}")) {
            String body = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\"," + member + "}]}";
            assertThatThrownBy(() -> InferRequest.readJson(body.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(InvalidInputException.class);
        }
    }
}
