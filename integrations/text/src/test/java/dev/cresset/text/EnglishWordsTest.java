package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Words are those that TorchServe's own handler looks up. */
class EnglishWordsTest {

    private static final JsonNode RECORDED = Recorded.json("topics/torchserve.json");

    @Test
    void withPairs_asTorchServeDoes() {
        for (JsonNode one : RECORDED.get("texts")) {
            List<String> expected = new ArrayList<>();
            one.get("tokens").forEach(token -> expected.add(token.asString()));
            String text = one.get("text").asString();
            assertThat(EnglishWords.withPairs(EnglishWords.of(text))).as(text).isEqualTo(expected);
        }
        assertThat(RECORDED.get("texts").size()).isGreaterThan(50);
    }

    @Test
    void expand_everyContraction_asTorchServeDoes() {
        for (JsonNode one : RECORDED.get("contractions")) {
            String text = one.get(0).asString();
            assertThat(EnglishWords.expand(text.toLowerCase(Locale.ROOT)))
                    .as(text)
                    .isEqualTo(one.get(1).asString());
        }
        assertThat(RECORDED.get("contractions").size()).isGreaterThan(600);
    }
}
