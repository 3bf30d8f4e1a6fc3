package dev.cresset.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What the page says of what came out, and what an explanation covers. */
class ReportTest {

    private static final Way FUSED = Way.parse("FUSED");

    @TempDir
    Path folder;

    @Test
    void explanation_ofADifference_isNoFinding() throws Exception {
        Explanations explanations = explanations("svd * | torch* | * | any | signs are free");

        assertThat(explanations.leavesOpen(line("svd float32 0", Way.AUTO, Outcome.differs("by far"))))
                .isFalse();
        assertThat(explanations.leavesOpen(line("svd_lowrank float32 0", Way.AUTO, Outcome.differs("by far"))))
                .isTrue();
    }

    @Test
    void explanation_ofASmallDifference_coversNoLargerOne() throws Exception {
        Explanations explanations = explanations("bmm * | * | * | 1e-6 | another BLAS");
        Outcome.Verdict differs = Outcome.Verdict.DIFFERS;

        assertThat(explanations.leavesOpen(line("bmm float32 0", Way.AUTO, new Outcome(differs, 9e-7, ""))))
                .isFalse();
        assertThat(explanations.leavesOpen(line("bmm float32 0", Way.AUTO, new Outcome(differs, 2e-6, ""))))
                .isTrue();
    }

    @Test
    void explanation_ofACrash_isNone() throws Exception {
        Explanations explanations = explanations("* | * | * | any | whatever");

        assertThat(explanations.leavesOpen(line("svd float32 0", Way.AUTO, Outcome.of(Outcome.Verdict.CRASHED, ""))))
                .isTrue();
    }

    @Test
    void explanation_withoutAReason_isRefused() {
        assertThatThrownBy(() -> explanations("svd * | torch")).hasMessageContaining("svd * | torch");
    }

    @Test
    void unsafeWay_isCountedAndHeldToNothing() throws Exception {
        Explanations none = explanations("");
        Line crashed = line("svd float32 0", FUSED, Outcome.of(Outcome.Verdict.CRASHED, "exit code 139"));

        assertThat(none.leavesOpen(crashed)).isFalse();
        assertThat(new Report(List.of(crashed), none, "").toString())
                .contains("| torch FUSED | 1 | 1 | 0 | 0 | 0 | 0 | 1 |")
                .doesNotContain("exit code 139");
    }

    @Test
    void page_countsAndNamesWhatIsRed() throws Exception {
        Explanations explanations = explanations("qr * | * | * | any | signs are free");
        List<Line> lines = List.of(
                line("add float32 0", Way.AS_IS, Outcome.EQUAL),
                line("add float32 0", Way.AUTO, Outcome.CLOSE),
                line("add float32 0", Way.FROZEN, Outcome.NOTHING_TO_DO),
                line("fft.fft float32 0", Way.AUTO, Outcome.of(Outcome.Verdict.REFUSED, "complex")),
                line("qr float32 0", Way.AUTO, Outcome.differs("by a sign")),
                line("svd float32 0", Way.AUTO, Outcome.differs("by far")));

        assertThat(new Report(lines, explanations, "").toString())
                .contains("| torch AUTO | 4 | 4 | 0 | 1 | 1 | 1 | 1 |")
                .contains("| all | 4 | 5 | 1 | 1 | 1 | 1 | 1 |")
                .contains("| signs are free | 1 | `qr` |")
                .contains("| complex | 1 | `fft.fft` |")
                .contains("| torch AUTO DIFFERS: by far | 1 | `svd` |");
    }

    private Explanations explanations(String text) throws Exception {
        return Explanations.read(Files.writeString(folder.resolve("explained.txt"), text));
    }

    private static Line line(String name, Way way, Outcome outcome) {
        String operator = name.substring(0, name.indexOf(' '));
        return new Line(
                new Case(name, operator, "float32", "0000.pt", new JsonMapper().createObjectNode()),
                "torch",
                way,
                outcome);
    }
}
