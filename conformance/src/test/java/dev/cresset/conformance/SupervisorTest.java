package dev.cresset.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of children that die, hang, or answer wrongly: the run's tests can fail. */
class SupervisorTest {

    private static final Path SAMPLE = Path.of("sample.zip");

    @TempDir
    Path folder;

    @Test
    void run_childThatDiesAndOneThatHangs_areALineEachAndTheRestGoesOn() throws Exception {
        Shard sample = Shard.read(SAMPLE);

        List<Line> lines = new Supervisor(FaultyChild.class, folder, Duration.ofSeconds(10))
                .run(sample, "torch", List.of(Way.AS_IS));

        List<Outcome.Verdict> expected =
                new ArrayList<>(Collections.nCopies(sample.cases().size(), Outcome.Verdict.EQUAL));
        expected.set(FaultyChild.DEADLY, Outcome.Verdict.CRASHED);
        expected.set(FaultyChild.ENDLESS, Outcome.Verdict.TIMED_OUT);
        assertThat(lines).extracting(line -> line.outcome().verdict()).isEqualTo(expected);
        assertThat(lines.get(FaultyChild.DEADLY).outcome().detail()).isEqualTo("exit code 134");
    }

    @Test
    void run_answerWithOneBitFlipped_differs() throws Exception {
        Shard sample = Shard.read(SAMPLE);
        Case right = sample.cases().stream()
                .filter(one -> isWhole(one.row().path("result").path("tensor")))
                .findFirst()
                .orElseThrow();
        Path module = folder.resolve("case.pt");
        sample.unpack(right, module);

        assertThat(Trial.run(right, module, "torch", Way.AS_IS).verdict()).isEqualTo(Outcome.Verdict.EQUAL);
        assertThat(Trial.run(flipped(right), module, "torch", Way.AS_IS).verdict())
                .isEqualTo(Outcome.Verdict.DIFFERS);
    }

    @Test
    void run_childThatCannotStart_isNotTakenForACrashOfACase() throws Exception {
        Shard sample = Shard.read(SAMPLE);

        assertThatThrownBy(() -> new Supervisor(Shard.class, folder, Duration.ofMinutes(1))
                        .run(sample, "torch", List.of(Way.AS_IS)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("before its first trial");
    }

    private static boolean isWhole(JsonNode tensor) {
        return tensor.path("dtype").asString("").equals("int64")
                && !tensor.get("data").asString().isEmpty();
    }

    private static Case flipped(Case one) {
        ObjectNode row = ((ObjectNode) one.row()).deepCopy();
        JsonNode tensor = row.get("result").get("tensor");
        byte[] data = Base64.getDecoder().decode(tensor.get("data").asString());
        data[0] ^= 1;
        ((ObjectNode) tensor).put("data", Base64.getEncoder().encodeToString(data));
        return Case.of(row);
    }
}
