package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Tokens, their types and their places are those of transformers, cut where it cuts. */
class TextEncoderTest {

    private static TextEncoder encoder(Path archive) throws IOException {
        try (ModelArchive opened = ModelArchive.open(archive)) {
            return TextEncoder.of(
                    TextFiles.of(opened),
                    HandlerSection.of(TextFiles.of(opened), "any", EnumSet.allOf(TextOption.class)));
        }
    }

    private static void check(String what, Encoding encoding, JsonNode expected) {
        assertThat(encoding.ids()).as(what).containsExactly(Recorded.longs(expected.get("ids")));
        if (!expected.get("types").isNull()) {
            assertThat(encoding.types()).as(what).containsExactly(Recorded.longs(expected.get("types")));
        }
        for (int i = 0; i < encoding.size(); i++) {
            assertThat(new long[] {encoding.start(i), encoding.end(i)})
                    .as("%s: token %d", what, i)
                    .containsExactly(Recorded.longs(expected.get("offsets").get(i)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sentiment", "embedder", "tagger"})
    void encode_texts_asTransformersDoes(String name) throws IOException {
        TextEncoder encoder = encoder(Recorded.fixture("text/" + name + ".mar"));
        JsonNode recorded = Recorded.json("text/" + name + ".json");
        List<String> texts = Recorded.texts(recorded);
        for (int i = 0; i < texts.size(); i++) {
            check(
                    name + " " + i,
                    encoder.encode(TextRequest.of(texts.get(i))),
                    recorded.get("cases").get(i));
        }
        assertThat(texts.size()).isGreaterThan(25);
    }

    @Test
    void encode_pairs_asTransformersDoes() throws IOException {
        TextEncoder encoder = encoder(Recorded.fixture("text/sentiment.mar"));
        for (JsonNode pair : Recorded.json("text/sentiment.json").get("pairs")) {
            String text = pair.get("text").asString();
            TextRequest request = new TextRequest(text, pair.get("pair").asString());
            check(text, encoder.encode(request), pair);
        }
    }

    @Test
    void encode_sentencePiecesWhosePaddingIsOn_withoutPadding(@TempDir Path folder) throws IOException {
        String tokenizer = Files.readString(Recorded.fixture("text/unigram/tokenizer.json"));
        Path archive = Recorded.changed(
                "text/tagger.mar",
                folder,
                "base_handler",
                Map.of(Tokenizer.FILE, tokenizer, "tokenizer_config.json", ""));
        JsonNode recorded = Recorded.json("text/unigram.json");
        TextEncoder encoder = encoder(archive);
        int number = 0;
        for (String text : Recorded.texts(recorded)) {
            // Python's [:2000] counts code points.
            String start = text.substring(
                    0, text.offsetByCodePoints(0, Math.min(2000, text.codePointCount(0, text.length()))));
            check(
                    "unigram " + number,
                    encoder.encode(TextRequest.of(start)),
                    recorded.get("cases").get(number++));
        }
    }

    @Test
    void encode_cutAtTheStart(@TempDir Path folder) throws IOException {
        Path archive = Recorded.changed(
                "text/tagger.mar",
                folder,
                "base_handler",
                Map.of("tokenizer_config.json", "{\"truncation_side\": \"left\", \"model_max_length\": 4}"));
        TextEncoder encoder = encoder(archive);
        long[] all = encoder.withMaxLength(100)
                .encode(TextRequest.of("The film was wonderful."))
                .ids();
        assertThat(encoder.encode(TextRequest.of("The film was wonderful.")).ids())
                .containsExactly(all[0], all[all.length - 3], all[all.length - 2], all[all.length - 1]);
    }

    @Test
    void encode_tooLongWhereNothingMayBeCut() throws IOException {
        TextEncoder encoder =
                encoder(Recorded.fixture("text/sentiment.mar")).withTruncation(Truncation.DO_NOT_TRUNCATE);
        TextRequest request = TextRequest.of("dull ".repeat(100));
        assertThatThrownBy(() -> encoder.encode(request))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageMatching(
                        "sentiment.mar: the text has \\d+ tokens, expected at most 64; a Truncation other than"
                                + " DO_NOT_TRUNCATE cuts it off");
    }

    @Test
    void encode_whatCannotBeCutEnough() throws IOException {
        TextEncoder encoder = encoder(Recorded.fixture("text/sentiment.mar"));
        TextRequest single = TextRequest.of("dull ".repeat(100));
        TextEncoder second = encoder.withTruncation(Truncation.ONLY_SECOND);
        assertThatThrownBy(() -> second.encode(single))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageEndingWith("expected at most 64, and ONLY_SECOND cannot cut off enough");
        TextEncoder tiny = encoder.withMaxLength(1);
        assertThatThrownBy(() -> tiny.encode(single))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageEndingWith("expected at most 1, and LONGEST_FIRST cannot cut off enough");
    }

    @Test
    void encode_halfACharacter() throws IOException {
        TextEncoder encoder = encoder(Recorded.fixture("text/sentiment.mar"));
        for (String text : List.of("ab\ud83d", "ab\ude00", "ab\ud83dc", "ab\ude00\ud83d")) {
            TextRequest request = TextRequest.of(text);
            assertThatThrownBy(() -> encoder.encode(request))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageEndingWith("a surrogate without its other half, at index 2");
        }
    }

    @Test
    void of_noTokenizer(@TempDir Path folder) throws IOException {
        Path archive = Recorded.changed("text/tagger.mar", folder, "base_handler", Map.of(Tokenizer.FILE, ""));
        assertThatThrownBy(() -> encoder(archive))
                .isInstanceOf(IOException.class)
                .hasMessage("tagger.mar: there is no tokenizer.json, which holds the tokenizer;"
                        + " tokenizer.save_pretrained(folder) writes it, and --extra-files packs it");
    }

    @Test
    void of_whatIsNoTokenizer(@TempDir Path folder) throws IOException {
        for (String text : List.of("{}", "{", "[]", "nonsense", "{\"model\": {\"type\": \"New\"}}")) {
            Path archive = Recorded.changed("text/tagger.mar", folder, "base_handler", Map.of(Tokenizer.FILE, text));
            assertThatThrownBy(() -> encoder(archive))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            "tagger.mar: tokenizer.json is not one that the tokenizers library reads: ");
        }
    }

    @Test
    void of_settingsInOtherSpellings_andOnesThatAreNoOptionsOfTexts(@TempDir Path folder) throws IOException {
        Path archive = Recorded.changed(
                "text/tagger.mar",
                folder,
                "base_handler",
                Map.of("model-config.yaml", "handler:\n  maxLength: 4\n  mine: true\n"));

        Encoding encoding =
                encoder(archive).encode(new TextRequest("the quick brown fox jumps over the lazy dog", null));

        assertThat(encoding.ids()).hasSize(4);
    }

    @Test
    void of_anotherHandlersSettings(@TempDir Path folder) throws IOException {
        Path archive = Recorded.changed(
                "text/tagger.mar", folder, "base_handler", Map.of("model-config.yaml", "handler:\n  top-k: 3\n"));
        try (ModelArchive opened = ModelArchive.open(archive)) {
            assertThatThrownBy(() -> TokenClassifier.of(opened))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessage(
                            "tagger.mar: model-config.yaml: handler.top-k is no option of TokenClassifier, expected one of"
                                    + " [max_length, truncation, pad_to_multiple_of, threshold, aggregation_strategy, ignore_labels]");
        }
    }

    @Test
    void of_settingsThatMakeNoSense(@TempDir Path folder) throws IOException {
        Map<String, String> settings = Map.of(
                "max_length: 0", "handler.max_length is 0, expected a whole number above 0",
                "max_length: lots", "handler.max_length is lots, expected a whole number above 0",
                "truncation: some",
                        "handler.truncation is some, expected one of [do_not_truncate, longest_first, only_first, only_second]",
                "max_length: 8\n  maxLength: 9", "handler has max_length twice, expected it once");
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            Path archive = Recorded.changed(
                    "text/tagger.mar",
                    folder,
                    "base_handler",
                    Map.of("model-config.yaml", "handler:\n  " + setting.getKey() + "\n"));
            assertThatThrownBy(() -> encoder(archive))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessage("tagger.mar: model-config.yaml: " + setting.getValue());
        }
    }
}
