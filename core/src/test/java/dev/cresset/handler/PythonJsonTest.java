package dev.cresset.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.internal.json.PythonFloat;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Our JSON is Python's, to the byte. */
class PythonJsonTest {

    private static final JsonNode RECORDED = Fixtures.json("python-json.json");

    @Test
    void numbers_equalPython() {
        int checked = 0;
        for (JsonNode one : RECORDED.get("doubles")) {
            double value = Double.longBitsToDouble(
                    Long.parseUnsignedLong(one.get("bits").asString(), 16));
            assertThat(PythonFloat.text(value)).isEqualTo(one.get("text").asString());
            checked++;
        }
        assertThat(checked).isGreaterThan(300);
    }

    @Test
    void strings_equalPython() {
        for (JsonNode one : RECORDED.get("strings")) {
            byte[] utf16 = HexFormat.of().parseHex(one.get("utf16").asString());
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < utf16.length; i += 2) {
                text.append((char) (((utf16[i] & 0xff) << 8) | (utf16[i + 1] & 0xff)));
            }
            assertThat(PythonJson.write(text.toString()))
                    .isEqualTo(one.get("text").asString());
        }
    }

    @Test
    void structures_equalPython() {
        for (JsonNode one : RECORDED.get("values")) {
            String compact = one.get("compact").asString();
            if (compact.contains("100000000000000000000")) {
                continue; // an integer beyond 64 bits: no handler has one
            }
            JsonNode value = tools.jackson.databind.json.JsonMapper.builder()
                    .enable(tools.jackson.core.json.JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .build()
                    .readTree(compact);
            assertThat(PythonJson.write(plain(value)))
                    .isEqualTo(one.get("indented").asString());
        }
    }

    @Test
    void write_whatJsonHasNoFormFor() {
        assertThatThrownBy(() -> PythonJson.write(new Object()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Object");
        assertThatThrownBy(() -> PythonJson.write(BigDecimal.TEN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PythonJson.write(Map.of(1, "one")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("JSON has only strings as keys, not 1");
    }

    private static @Nullable Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
            return map;
        } else if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(element -> list.add(plain(element)));
            return list;
        } else if (node.isIntegralNumber()) {
            return node.asLong();
        } else if (node.isNumber()) {
            return node.asDouble();
        } else if (node.isBoolean()) {
            return node.asBoolean();
        }
        return node.isNull() ? null : node.asString();
    }
}
