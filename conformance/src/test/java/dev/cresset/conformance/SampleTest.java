package dev.cresset.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fixed choice of the cases: every engine gives PyTorch's answers, in the ways that all have. */
class SampleTest {

    /** The types that PyTorch's databases were asked for. */
    private static final List<String> TYPES =
            List.of("float32", "float64", "bfloat16", "float16", "int64", "int32", "uint8", "bool");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"torch", "torch-portable"})
    void sample_isAnsweredAsPyTorchDoes(String engine) throws Exception {
        Shard sample = Shard.read(Path.of("sample.zip"));
        assertThat(sample.cases()).hasSizeGreaterThanOrEqualTo(390);
        assertThat(sample.cases()).extracting(Case::dtype).containsAll(TYPES);
        Explanations explanations = Explanations.read(Path.of("explained.txt"));

        List<Line> lines = new Supervisor(Child.class, folder, Duration.ofMinutes(2)).run(sample, engine, Way.COMMON);

        assertThat(lines).hasSize(sample.cases().size() * Way.COMMON.size());
        assertThat(lines).filteredOn(explanations::leavesOpen).isEmpty();
    }
}
