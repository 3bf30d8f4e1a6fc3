package dev.cresset.internal.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What two JSON answers may differ in. */
public class JsonAgreementTest {

    private static JsonNode json(String text) {
        return JsonAgreement.parse(text.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    private static Optional<String> difference(String expected, String found) {
        return new JsonAgreement(0.01).difference(json(expected), json(found));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "0.5            | 0.509",
                "0.0001         | 0.009",
                "500.0          | 504.9",
                "-500.0         | -504.9",
                "7              | 7.0",
                "NaN            | NaN",
                "-Infinity      | -Infinity",
                "null           | null",
                "'text'         | 'text'",
                "{'a':1,'b':[]} | {'b':[],'a':1}",
                "[1, [2.0]]     | [1, [2.001]]",
            })
    void difference_upToRounding_isNone(String expected, String found) {
        assertThat(difference(expected.replace('\'', '"'), found.replace('\'', '"')))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "0.5              | 0.52             | there is 0.52, expected 0.5 within 0.01",
                "500.0            | 505.1            | there is 505.1, expected 500.0 within 0.01",
                "1000             | 1001             | there is 1001, expected 1000 within 0.01",
                "NaN              | 0.0              | there is 0.0, expected NaN within 0.01",
                "0.0              | NaN              | there is NaN, expected 0.0 within 0.01",
                "1.0              | \"1.0\"          | there is \"1.0\", expected 1.0",
                "\"six\"          | \"nine\"         | there is \"nine\", expected \"six\"",
                "null             | false            | there is false, expected null",
                "{\"a\": 1}       | {}               | there is nothing at /a, expected 1",
                "{}               | {\"a\": 1}       | there is 1 at /a, expected nothing",
                "[1, 2]           | [1]              | there are 1 elements, expected 2",
                "[1, 2]           | [2, 1]           | there is 2 at /0, expected 1 within 0.01",
                "{\"a\": [[], {}]} | {\"a\": [[], 3]} | there is 3 at /a/1, expected {}",
            })
    void difference_beyondRounding_isToldWithItsPlace(String expected, String found, String told) {
        assertThat(difference(expected, found)).hasValue(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "six", "{} {}", "{\"a\": ", "[1,]"})
    void parse_whatIsNoJson_isNothing(String text) {
        assertThat(JsonAgreement.parse(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    @Test
    void difference_ofLongValues_isShort() {
        String text = "\"" + "x".repeat(1000) + "\"";
        assertThat(difference("1.5", text).orElseThrow()).hasSizeLessThan(200);
    }
}
