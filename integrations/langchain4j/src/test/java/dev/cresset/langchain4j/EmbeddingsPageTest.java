package dev.cresset.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.testing.PageProgram;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/embeddings.md in plain Java and for LangChain4j. */
class EmbeddingsPageTest {

    private static final String PAGE = "embeddings.md";

    @Test
    void plainJava_runsAsItStands(@TempDir Path classes) throws Exception {
        String printed = PageProgram.run(PAGE, "Search", classes, Fixtures.ENCODER.toString());
        assertThat(printed.lines())
                .hasSize(3)
                .allMatch(line -> line.matches("-?[0-9.E-]+ [A-Z].*"))
                .anyMatch(line -> line.endsWith("A cresset is an iron basket in which a fire is burnt to give light."));
    }

    @Test
    void langChain4j_runsAsItStands(@TempDir Path classes) throws Exception {
        String printed =
                PageProgram.run(PAGE, "Retrieval", classes, Fixtures.ENCODER.toString(), Fixtures.RANKER.toString());
        assertThat(printed.lines()).hasSize(2).allMatch(line -> line.matches("-?[0-9.E-]+ [0-9.E-]+ [A-Z].*"));
    }
}
