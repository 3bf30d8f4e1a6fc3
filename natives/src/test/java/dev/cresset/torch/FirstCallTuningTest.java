package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.FirstCallTuning;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Plan;
import dev.cresset.engine.Optimization;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A model that nothing is said of, opened in one line and called: with LibTorch. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
@Timeout(120)
class FirstCallTuningTest {

    private static final String BESIDE = "-Dcresset.firstCallTuning=" + FirstCallTuning.IN_BACKGROUND;
    private static final String SMALL = "risk/mlp-16-32-32-4.pt";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void atTheCall_theFirstCallFindsTheFastest_andAnswersAsBefore() throws IOException {
        try (Model plain = Model.open(
                        Fixtures.path(SMALL),
                        ModelOptions.builder().optimization(Optimization.AS_IS).build());
                Model model = Model.open(
                        Fixtures.path(SMALL),
                        ModelOptions.builder()
                                .firstCallTuning(FirstCallTuning.AT_THE_CALL)
                                .build());
                Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 16);
                Value expected = plain.forward(x);
                Value first = model.forward(x);
                Value second = model.forward(x)) {
            assertThat(model.plan().optimization()).isEqualTo(Optimization.DIRECT);
            assertThat(model.plan().origin()).isEqualTo(Plan.Origin.TUNED);
            assertThat(first.asTensor().toFloatArray())
                    .isEqualTo(expected.asTensor().toFloatArray());
            float[] found = second.asTensor().toFloatArray();
            assertThat(found).containsExactly(expected.asTensor().toFloatArray(), Offset.offset(1e-5f));
        }
    }

    /** Calls until the plan is another. */
    static final class Calls {
        private Calls() {}

        public static void main(String[] args) throws IOException {
            try (Model model = Model.open(Fixtures.path(SMALL));
                    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 16)) {
                do {
                    model.forward(x).close();
                } while (model.plan().origin() == Plan.Origin.NOT_TUNED);
                System.out.println("PLAN " + model.plan());
            }
        }
    }

    @Test
    void inBackground_itIsFoundBesideTheCalls() throws Exception {
        ChildJvm child = ChildJvm.run(Calls.class, ChildJvm::withoutFake, folder, "-Dcresset.cache=off", BESIDE);
        assertThat(child.exitCode()).as(child.output()).isZero();
        assertThat(child.output()).contains("PLAN DIRECT (tuned in ");
    }

    /** Leaves main in the middle of the tuning, without closing anything. */
    static final class Leaves {
        private Leaves() {}

        public static void main(String[] args) throws IOException {
            Model model = Model.open(Fixtures.path(SMALL));
            try (Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 16)) {
                model.forward(x).close();
            }
            System.out.println("LEAVES " + model.plan().origin());
        }
    }

    @RepeatedTest(5)
    void exit_whileItIsTried_isAnOrdinaryExit() throws Exception {
        ChildJvm child = ChildJvm.run(Leaves.class, ChildJvm::withoutFake, folder, "-Dcresset.cache=off", BESIDE);
        assertThat(child.exitCode()).as(child.output()).isZero();
        assertThat(child.output()).contains("LEAVES ").doesNotContain("SIG");
    }
}
