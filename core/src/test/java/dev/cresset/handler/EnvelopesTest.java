package dev.cresset.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Envelope;
import dev.cresset.InvalidInputException;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What envelopes take out of requests and make of answers; that TorchServe does the same is tested where models run. */
class EnvelopesTest {

    @SuppressWarnings("NullAway.Init")
    private ModelArchive archive;

    @BeforeEach
    void open() throws IOException {
        archive = ModelArchive.open(Path.of(System.getProperty("cresset.fixtures"), "risk/risk.mar"));
    }

    @AfterEach
    void close() throws IOException {
        archive.close();
    }

    private static List<String> items(Envelope<byte[], String> envelope, String request) {
        return envelope.open(request.getBytes(StandardCharsets.UTF_8)).items().stream()
                .map(item -> new String(item, StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void instances_ofEveryForm_becomeBytes() {
        assertThat(items(Envelopes.json(archive), """
                {"instances": [{"b64": "c2V2ZW4="}, {"data": {"b64": "c2\\nV2ZW4"}}, {"data": "", "body": "text"}, "ä",
                  {"a": 1, "b": [2.0]}, {"data": [true, 2]}, {"data": null}, null]}"""))
                .containsExactly("seven", "seven", "text", "ä", "{\"a\":1,\"b\":[2.0]}", "[1,2]", "null", "null");
    }

    @Test
    void instances_withAFractionAmongThem_areAllFloats() {
        assertThat(items(Envelopes.kserve(archive), "{\"instances\": [[1, 2], [true, 0.5], [NaN, 1e400]]}"))
                .containsExactly("[1.0,2.0]", "[1.0,0.5]", "[NaN,Infinity]");
    }

    @Test
    void predictions_areOfTheAnswersJson() {
        byte[] request = "{\"instances\": [1, 2, 3]}".getBytes(StandardCharsets.UTF_8);
        List<String> answers = List.of("{\n  \"a\": 1e-07\n}", "seven", "[true, null, 18446744073709551615]");
        assertThat(Envelopes.json(archive).open(request).answer(answers))
                .isEqualTo("{\"predictions\": [{\"a\": 1e-07}, \"seven\", [true, null, 18446744073709551615]]}");
    }

    @Test
    void predictions_ofAnEmptyAnswer_haveAnEmptyString() {
        byte[] request = "{\"instances\": [1]}".getBytes(StandardCharsets.UTF_8);
        assertThat(Envelopes.json(archive).open(request).answer(List.of(""))).isEqualTo("{\"predictions\": [\"\"]}");
    }

    @Test
    void kserveV2_shapesWhatComesFlatOrNested() {
        assertThat(items(Envelopes.kserveV2(archive), """
                {"inputs": [
                  {"name": "a", "shape": [2, 2], "datatype": "INT64", "data": [1, 2, 3, 4]},
                  {"name": "b", "shape": [-1, 1], "datatype": "FP32", "data": [[1, 2]]},
                  {"name": "c", "shape": [1], "datatype": "BYTES", "data": ["text"]},
                  {"name": "d", "shape": [], "datatype": "BOOL", "data": [true]},
                  {"name": "e", "shape": [0], "datatype": "FP32", "data": []}]}"""))
                .containsExactly("[[1,2],[3,4]]", "[[1.0],[2.0]]", "text", "true", "[]");
    }

    @Test
    void kserveV2_answersFlatWithOneTypeEach() {
        byte[] request = """
                {"id": "7", "inputs": [
                  {"name": "a", "shape": [1], "datatype": "INT64", "data": [1]},
                  {"name": "b", "shape": [1], "datatype": "INT64", "data": [1]},
                  {"name": "c", "shape": [1], "datatype": "INT64", "data": [1]}]}""".getBytes(StandardCharsets.UTF_8);
        assertThat(Envelopes.kserveV2(archive)
                        .open(request)
                        .answer(List.of("[[1], [2.5]]", "true", "{\"x\": 3}"))
                        .replaceAll("\\s+", ""))
                .isEqualTo("{\"id\":\"7\",\"model_name\":\"risk\",\"model_version\":\"1.0\",\"outputs\":["
                        + "{\"name\":\"a\",\"datatype\":\"FP64\",\"data\":[1.0,2.5],\"shape\":[2]},"
                        + "{\"name\":\"b\",\"datatype\":\"BOOL\",\"data\":[true],\"shape\":[1]},"
                        + "{\"name\":\"c\",\"datatype\":\"BYTES\",\"data\":[{\"x\":3}],\"shape\":[1]}]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1]",
                "{\"instances\": 1}",
                "{\"instances\": []}",
                "{\"instances\": [{\"b64\": \"x\"}]}",
                "{\"instances\": [1]} 2",
            })
    void instances_inAnotherForm_areRefused(String request) {
        assertThatThrownBy(() -> items(Envelopes.json(archive), request))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("risk.mar: the request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"shape\": [2], \"datatype\": \"FP32\", \"data\": [1]",
                "\"shape\": [-1, -1], \"datatype\": \"FP32\", \"data\": [1]",
                "\"shape\": [-2], \"datatype\": \"FP32\", \"data\": [1]",
                "\"shape\": [1e30], \"datatype\": \"FP32\", \"data\": [1]",
                "\"shape\": [4294967296, 4294967296], \"datatype\": \"FP32\", \"data\": []",
                "\"shape\": [9223372036854775807, 0], \"datatype\": \"FP32\", \"data\": []",
                "\"shape\": [0, -1], \"datatype\": \"FP32\", \"data\": []",
                "\"shape\": [1], \"datatype\": \"FP32\", \"data\": [\"x\"]",
                "\"shape\": [1], \"datatype\": \"BYTES\", \"data\": []",
                "\"shape\": [1], \"datatype\": \"FP32\"",
                "\"shape\": [1], \"data\": [1]",
                "\"datatype\": \"FP32\", \"data\": [1]",
            })
    void kserveV2_inputThatDoesNotFit_isRefused(String input) {
        String request = "{\"inputs\": [{\"name\": \"x\", " + input + "}]}";
        assertThatThrownBy(() -> items(Envelopes.kserveV2(archive), request))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("risk.mar: the request's input 'x' ");
    }

    @Test
    void request_nestedTooDeep_isRefused() {
        String request = "{\"instances\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThatThrownBy(() -> items(Envelopes.json(archive), request))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "risk.mar: the request is refused: Document nesting depth (501) exceeds the maximum allowed (500)");
    }

    @Test
    void request_ofNothing_saysSo() {
        assertThatThrownBy(() -> items(Envelopes.json(archive), " "))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("risk.mar: the request is empty, expected {\"instances\": [...]}");
    }

    @Test
    void request_thatIsNotJson_saysWhere() {
        assertThatThrownBy(() -> items(Envelopes.json(archive), "{\"instances\":\n [1,]}"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("risk.mar: the request is not JSON (line 2, column 5), expected {\"instances\": [...]}");
    }
}
