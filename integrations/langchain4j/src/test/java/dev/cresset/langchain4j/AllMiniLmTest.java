package dev.cresset.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cresset.text.Pooling;
import dev.cresset.text.SentenceEncoder;
import dev.cresset.text.TextOptions;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that people use: of the same ONNX file, the vectors are those of LangChain4j's own model in this process. */
class AllMiniLmTest {

    /** LangChain4j does not say so, but cuts texts at 128 tokens: its tokenizer.json asks for it. */
    static final TextOptions OPTIONS = TextOptions.builder()
            .pooling(Pooling.MEAN)
            .normalize(true)
            .maxLength(128)
            .build();

    private static Path unpack(String resource, Path file) throws IOException {
        try (InputStream in = AllMiniLmL6V2EmbeddingModel.class.getResourceAsStream("/" + resource)) {
            Files.copy(Objects.requireNonNull(in, resource), file);
        }
        return file;
    }

    @Test
    void embedAll_textsOfManyLanguagesAndLengths_asLangChain4jsOwnModel(@TempDir Path folder) throws IOException {
        Path model = unpack("all-minilm-l6-v2.onnx", folder.resolve("model.onnx"));
        unpack("all-minilm-l6-v2-tokenizer.json", folder.resolve("tokenizer.json"));
        List<TextSegment> segments =
                ManyTexts.of(200).stream().map(TextSegment::from).toList();
        List<Embedding> expected =
                new AllMiniLmL6V2EmbeddingModel().embedAll(segments).content();
        try (CressetEmbeddingModel ours =
                CressetEmbeddingModel.open(SentenceEncoder.builder(model).options(OPTIONS))) {
            List<Embedding> found = ours.embedAll(segments).content();
            for (int i = 0; i < segments.size(); i++) {
                assertThat(found.get(i).vector())
                        .as(segments.get(i).text())
                        .containsExactly(expected.get(i).vector(), within(1e-5f));
            }
            assertThat(ours.dimension()).isEqualTo(384);
        }
    }
}
