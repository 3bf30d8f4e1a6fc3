package dev.cresset.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.testing.PageProgram;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of docs/embeddings.md for Spring AI. */
class EmbeddingsPageTest {

    @Test
    void springAi_runsAsItStands(@TempDir Path classes) throws Exception {
        String printed = PageProgram.run(
                "embeddings.md",
                "Application",
                classes,
                "--spring.ai.model.embedding=cresset",
                "--spring.ai.embedding.cresset.model=" + Fixtures.ENCODER,
                "--spring.main.banner-mode=off");
        assertThat(printed).containsPattern("2 vectors of 32 numbers, [0-9]+ tokens");
    }
}
