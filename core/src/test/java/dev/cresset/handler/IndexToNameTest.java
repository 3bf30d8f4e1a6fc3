package dev.cresset.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.ModelExecutionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The forms that TorchServe accepts for index_to_name.json, and what is said of the others. */
class IndexToNameTest {

    private static IndexToName parse(String json) throws IOException {
        return IndexToName.parse("m.mar: index_to_name.json", json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void parse_stringsAndLists_theLastOfAListCounts() throws IOException {
        IndexToName names = parse("{\"0\": \"zero\", \"1\": [\"n02123045\", \"tabby\"]}");
        assertThat(names.name(0)).isEqualTo("zero");
        assertThat(names.name(1)).isEqualTo("tabby");
    }

    @Test
    void parse_legacyForm() throws IOException {
        assertThat(parse("{\"object_type_names\": [\"cat\", \"dog\"]}").name(1)).isEqualTo("dog");
    }

    @Test
    void parse_whatTorchServeRefuses() {
        assertThatThrownBy(() -> parse("[\"a\"]"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("m.mar: index_to_name.json must be an object");
        assertThatThrownBy(() -> parse("{\"0\": 7}"))
                .hasMessageContaining("class 0")
                .hasMessageContaining("string or a list");
        assertThatThrownBy(() -> parse("{")).hasMessageContaining("is not JSON");
    }

    @Test
    void name_ofAClassWithoutOne() {
        assertThatThrownBy(() -> parse("{\"0\": \"zero\"}").name(5))
                .isInstanceOf(ModelExecutionException.class)
                .hasMessage("m.mar: index_to_name.json has 1 names, but none for class 5 of the model");
    }
}
