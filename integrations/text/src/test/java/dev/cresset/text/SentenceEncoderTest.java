package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.ClosedException;
import dev.cresset.InvalidInputException;
import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** A sentence-transformer gives the vectors that sentence-transformers gives. */
class SentenceEncoderTest {

    private static final JsonNode RECORDED = Recorded.json("sentences/sentences.json");
    private static final List<String> TEXTS = Recorded.texts(RECORDED);
    private static final Path FOLDER = Recorded.fixture("sentences/encoder");

    private static TextOptions.Builder plain() {
        return TextOptions.builder().normalize(false);
    }

    private static SentenceEncoder open(TextOptions.Builder options) throws IOException {
        return SentenceEncoder.builder(FOLDER).options(options.build()).open();
    }

    private static void check(List<SentenceEmbedding> answers, JsonNode recorded) {
        assertThat(answers).hasSameSizeAs(TEXTS);
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).vector())
                    .as(TEXTS.get(i))
                    .containsExactly(Recorded.floats(recorded.get(i)), within(1e-5f));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MEAN, mean",
        "CLS, cls",
        "MAX, max",
        "MEAN_SQRT_LEN, mean_sqrt_len_tokens",
        "WEIGHTED_MEAN, weightedmean",
        "LAST_TOKEN, lasttoken"
    })
    void encodeAll_eachPooling_asSentenceTransformersDoes(Pooling pooling, String recorded) throws IOException {
        try (SentenceEncoder encoder = open(plain().pooling(pooling))) {
            check(encoder.encodeAll(TEXTS), RECORDED.get("poolings").get(recorded));
        }
    }

    @Test
    void open_folderOfSentenceTransformers_readsItsPoolingNormalisationAndPrompts() throws IOException {
        try (SentenceEncoder encoder = SentenceEncoder.open(FOLDER)) {
            check(encoder.encodeAll(TEXTS), RECORDED.get("normalized"));
            check(encoder.encodeAll(TEXTS, InputType.QUERY), RECORDED.get("queries"));
            check(encoder.encodeAll(TEXTS, InputType.DOCUMENT), RECORDED.get("passages"));
            assertThat(encoder.dimension()).isEqualTo(32);
            assertThat(encoder.modelName()).isEqualTo("encoder");
        }
    }

    @Test
    void encode_poolingInTheGraphOfAnExportedProgram_isTheSame() throws IOException {
        try (SentenceEncoder encoder = SentenceEncoder.open(FOLDER.resolve("whole.pt2"))) {
            check(encoder.encodeAll(TEXTS), RECORDED.get("normalized"));
            assertThat(encoder.modelName()).isEqualTo("whole");
        }
    }

    @Test
    void encode_archive_isTheSame() throws IOException {
        JsonNode recorded = Recorded.json("text/embedder.json");
        try (SentenceEncoder encoder = SentenceEncoder.open(Recorded.fixture("text/embedder.mar"))) {
            List<String> texts = Recorded.texts(recorded);
            List<SentenceEmbedding> answers = encoder.encodeAll(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(answers.get(i).vector())
                        .containsExactly(
                                Recorded.floats(recorded.get("cases").get(i).get("mean")), within(1e-4f));
            }
            assertThat(encoder.modelName()).isEqualTo("embedder");
        }
    }

    @Test
    void truncateDim_keepsTheFirstNumbersAndTheLengthOfOne() throws IOException {
        try (SentenceEncoder encoder =
                open(TextOptions.builder().pooling(Pooling.MEAN).normalize(true).truncateDim(16))) {
            check(encoder.encodeAll(TEXTS), RECORDED.get("truncated"));
            assertThat(encoder.dimension()).isEqualTo(16);
        }
        try (SentenceEncoder encoder = SentenceEncoder.open(FOLDER)) {
            SentenceEncoder shorter = encoder.withDimension(16);
            check(shorter.encodeAll(TEXTS), RECORDED.get("truncated"));
            assertThat(shorter.dimension()).isEqualTo(16);
            assertThatThrownBy(() -> encoder.withDimension(33))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("vectors of encoder have 32 numbers, which cannot be cut to 33");
        }
    }

    @Test
    void truncateDim_aboveTheModels_isRefusedWhenOpened() {
        assertThatThrownBy(() -> open(plain().truncateDim(64)))
                .isInstanceOf(ModelLoadException.class)
                .hasStackTraceContaining(
                        "vectors are to be cut to 64 numbers (truncate_dim), but the model's have only 32");
    }

    @Test
    void prefixes_inOptions_standBeforeTheText() throws IOException {
        try (SentenceEncoder encoder = open(plain().queryPrefix("search: ").documentPrefix(""))) {
            assertThat(encoder.encode("film", InputType.QUERY)).isEqualTo(encoder.encode("search: film"));
            assertThat(encoder.encode("film", InputType.DOCUMENT)).isEqualTo(encoder.encode("film"));
        }
    }

    @Test
    void encodeAll_manyOfMixedLength_keepsTheirOrderAndAnswersAsAlone() throws IOException {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            many.addAll(TEXTS);
        }
        Collections.shuffle(many, new Random(5));
        try (SentenceEncoder encoder = SentenceEncoder.open(FOLDER)) {
            List<SentenceEmbedding> alone = TEXTS.stream().map(encoder::encode).toList();
            List<SentenceEmbedding> together = encoder.encodeAll(many);
            for (int i = 0; i < many.size(); i++) {
                SentenceEmbedding expected = alone.get(TEXTS.indexOf(many.get(i)));
                assertThat(together.get(i).vector()).containsExactly(expected.vector(), within(1e-5f));
                assertThat(together.get(i).tokens()).isEqualTo(expected.tokens());
            }
            assertThat(encoder.encodeAll(List.of())).isEmpty();
        }
    }

    @Test
    void tokens_areThoseOfTheModel_cutAtItsLength() throws IOException {
        try (SentenceEncoder encoder = SentenceEncoder.open(FOLDER)) {
            assertThat(encoder.encode("a").tokens()).isEqualTo(3);
            assertThat(encoder.countTokens("a")).isEqualTo(1);
            assertThat(encoder.encode("film ".repeat(1000)).tokens()).isEqualTo(48);
            assertThat(encoder.countTokens("film ".repeat(1000))).isEqualTo(1000);
            assertThat(encoder.maxLength()).hasValue(48);
        }
        try (SentenceEncoder encoder = open(plain().maxLength(10))) {
            assertThat(encoder.encode("film ".repeat(1000)).tokens()).isEqualTo(10);
        }
    }

    @Test
    void encodeAll_oneBadText_saysWhichAndFailsTheList() throws IOException {
        try (SentenceEncoder encoder = open(plain().truncation(Truncation.DO_NOT_TRUNCATE))) {
            assertThatThrownBy(() -> encoder.encodeAll(List.of("good", "bad \ud800")))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("half a character");
            assertThat(encoder.encodeAsync("bad \ud800"))
                    .failsWithin(java.time.Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(InvalidInputException.class);
            assertThat(encoder.encodeAsync("good").join()).isEqualTo(encoder.encode("good"));
        }
    }

    @Test
    void close_whileManyAsk_eachIsAnsweredOrRefusedByType() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(16);
        try {
            SentenceEncoder encoder = SentenceEncoder.open(FOLDER);
            SentenceEmbedding expected = encoder.encode(TEXTS.get(1));
            List<Future<Boolean>> asked = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                asked.add(callers.submit(() -> {
                    try {
                        assertThat(encoder.encode(TEXTS.get(1)).vector())
                                .containsExactly(expected.vector(), within(1e-5f));
                        return true;
                    } catch (ClosedException e) {
                        return false;
                    }
                }));
            }
            asked.get(50).get();
            CompletableFuture<SentenceEmbedding> later = encoder.encodeAsync(TEXTS.get(1));
            encoder.close();
            int answered = 0;
            for (Future<Boolean> one : asked) {
                answered += one.get() ? 1 : 0;
            }
            assertThat(answered).isBetween(1, 400);
            try {
                later.join();
            } catch (CompletionException e) {
                assertThat(e).hasCauseInstanceOf(ClosedException.class);
            }
            assertThatThrownBy(() -> encoder.encode("late")).isInstanceOf(ClosedException.class);
            encoder.close();
        } finally {
            callers.shutdown();
        }
    }

    @Test
    void open_nothingThere_saysWhatIsExpected(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> SentenceEncoder.open(folder.resolve("none.pt2")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("there is no such file or folder, expected a model or an archive");
        assertThatThrownBy(() -> SentenceEncoder.open(folder))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("the folder has no model, expected one of [model.pt2, model.pt, model.onnx");
        Files.copy(FOLDER.resolve("model.pt"), folder.resolve("model.pt"));
        assertThatThrownBy(() -> SentenceEncoder.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no tokenizer.json");
    }

    @Test
    void open_tokenizerElsewhere_isTakenFromThere(@TempDir Path folder) throws IOException {
        Path model = Files.copy(FOLDER.resolve("model.pt"), folder.resolve("bert.pt"));
        try (SentenceEncoder encoder = SentenceEncoder.builder(model)
                .tokenizer(FOLDER.resolve("tokenizer.json"))
                .modelName("small")
                .open()) {
            check(encoder.encodeAll(TEXTS), RECORDED.get("normalized"));
            assertThat(encoder.modelName()).isEqualTo("small");
        }
    }

    @Test
    void open_moduleBehindThePooling_isRefusedWhereItIsNotInTheGraph(@TempDir Path folder) throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Files.writeString(
                folder.resolve("modules.json"),
                "[{\"idx\": 0, \"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"},"
                        + " {\"idx\": 1, \"path\": \"2_Dense\", \"type\": \"sentence_transformers.models.Dense\"}]");
        assertThatThrownBy(() -> SentenceEncoder.open(folder))
                .isInstanceOf(ModelLoadException.class)
                .hasStackTraceContaining(
                        "modules.json has sentence_transformers.models.Dense, which is not computed here");
        try (SentenceEncoder encoder = SentenceEncoder.open(folder.resolve("whole.pt2"))) {
            check(encoder.encodeAll(TEXTS), RECORDED.get("normalized"));
        }
    }

    @Test
    void of_archiveAndFolder_giveTheHandlersThatCallersPlugIn() throws IOException {
        try (ModelArchive archive = Recorded.archive("text/embedder.mar")) {
            assertThat(TextEmbedder.of(archive).with(InputType.QUERY)).isNotNull();
        }
        assertThatThrownBy(() ->
                        TextEmbedder.of(FOLDER, TextOptions.builder().topK(1).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("top_k is no option of TextEmbedder");
    }
}
