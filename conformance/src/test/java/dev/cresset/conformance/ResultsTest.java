package dev.cresset.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run that was broken off has left. */
class ResultsTest {

    private static final List<Way> WAYS = List.of(Way.AS_IS);

    @TempDir
    Path folder;

    @Test
    void of_shardThatWasDone_isNotTriedAgain() throws Exception {
        Shard sample = Shard.read(Path.of("sample.zip"));
        List<Line> before = sample.cases().stream()
                .map(one -> new Line(one, "torch", Way.AS_IS, Outcome.differs("by far")))
                .toList();
        leave(before);

        assertThat(resultsOfNoChild().of(sample, "torch", WAYS)).isEqualTo(before);
    }

    @Test
    void of_otherWaysThanBefore_isTriedAgain() throws Exception {
        Shard sample = Shard.read(Path.of("sample.zip"));
        leave(sample.cases().stream()
                .map(one -> new Line(one, "torch", Way.FROZEN, Outcome.EQUAL))
                .toList());

        assertThatThrownBy(() -> resultsOfNoChild().of(sample, "torch", WAYS))
                .isInstanceOf(IllegalStateException.class);
    }

    private void leave(List<Line> lines) throws Exception {
        Files.write(
                folder.resolve("torch-sample.zip.tsv"),
                lines.stream().map(Line::toString).toList());
    }

    /** Whose children have no main method: to try is to fail. */
    private Results resultsOfNoChild() {
        return new Results(folder, new Supervisor(Shard.class, folder, Duration.ofMinutes(1)));
    }
}
