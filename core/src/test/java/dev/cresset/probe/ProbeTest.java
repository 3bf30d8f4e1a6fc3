package dev.cresset.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the command ends with. */
@Timeout(120)
public class ProbeTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void run_aModelThatIsNotReady_endsWithOne() {
        assertThat(Probe.run(
                        "--memory",
                        "512m",
                        "--timeout",
                        "60",
                        folder.resolve("none.pt").toString()))
                .isEqualTo(1);
    }

    @Test
    void run_withoutAModel_orWithWhatIsNoOption_endsWithTwo() {
        assertThat(Probe.run()).isEqualTo(2);
        assertThat(Probe.run("--memory", "4g")).isEqualTo(2);
        assertThat(Probe.run("--memory", "much", "model.pt")).isEqualTo(2);
        assertThat(Probe.run("--memory", "1", "model.pt")).isEqualTo(2);
        assertThat(Probe.run("--colour", "red", "model.pt")).isEqualTo(2);
    }
}
