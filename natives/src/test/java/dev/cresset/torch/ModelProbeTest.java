package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.probe.ModelProbe;
import dev.cresset.probe.ModelProbe.Outcome;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Files that end a JVM, hang it or take its memory, tried in another one: each is a sentence, and this JVM lives. */
@Timeout(300)
class ModelProbeTest {

    private static final TensorSpec ROW = TensorSpec.of(DataType.FLOAT32, 4);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static ModelOptions.Builder options() {
        return ModelOptions.builder().engine("torch").inputs(ROW);
    }

    private static ModelProbe.Builder probe() {
        return ModelProbe.builder().modelOptions(options().build());
    }

    private static ModelProbe.Report report(String file) throws IOException {
        return probe().build().run(Fixtures.path(file));
    }

    /** What probes of this process have left behind. */
    private static List<Path> scratch() throws IOException {
        String ours = "cresset-probe-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(ours))
                    .toList();
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void leavesNothing(Action action) throws Exception {
        List<Path> before = scratch();
        action.run();
        assertThat(scratch()).isSubsetOf(before);
    }

    @Test
    void run_aGoodModel_saysHowItComputesAndHowLongItTakes() throws IOException {
        ModelProbe.Report report = ModelProbe.builder()
                .modelOptions(ModelOptions.builder()
                        .engine("torch")
                        .inputs(TensorSpec.of(DataType.FLOAT32, TensorSpec.ANY, 30))
                        .build())
                .build()
                .run(Fixtures.path("risk/risk.pt"));

        assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.READY);
        assertThat(report.sentence()).isEqualTo("risk.pt: opens, and answers");
        assertThat(report.engine()).contains("torch");
        assertThat(report.signature().orElse("")).contains("forward(measurements: Tensor) -> Tensor");
        assertThat(report.plan().orElse("")).containsPattern("FROZEN|DIRECT");
        assertThat(report.calls()).isEqualTo(1);
        assertThat(report.openTime()).isPresent();
        assertThat(report.callTime().orElseThrow()).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void run_withoutLimits_answers() throws IOException {
        ModelProbe.Report report = probe().timeout(Duration.ofSeconds(Long.MAX_VALUE))
                .memory(Long.MAX_VALUE)
                .build()
                .run(Fixtures.path("probe/chatters.pt"));

        assertThat(report.opens()).as(report.toString()).isTrue();
    }

    @Test
    void run_nothingToCallItWith_opensItAndSaysSo() throws IOException {
        ModelProbe.Report report = ModelProbe.builder()
                .modelOptions(ModelOptions.builder().engine("torch").build())
                .build()
                .run(Fixtures.path("risk/risk.pt"));

        assertThat(report.opens()).isTrue();
        assertThat(report.calls()).isZero();
        assertThat(report.sentence())
                .startsWith("risk.pt: opens; no call was made: nothing says what tensors forward(");
    }

    @Test
    void run_anArchiveWithAnExample_answersIt() throws IOException {
        ModelProbe.Report report = ModelProbe.builder()
                .modelOptions(ModelOptions.builder().engine("torch").build())
                .build()
                .run(Fixtures.path("digits/digits.mar"));

        assertThat(report.sentence()).isEqualTo("digits.mar: opens, and answers");
        assertThat(report.calls()).isEqualTo(1);
    }

    @Test
    void run_samplesOfTheCaller_areWhatItIsCalledWith() throws IOException {
        try (Tensor four = Tensor.of(new float[] {1, 2, 3, 4}, 4)) {
            ModelProbe.Report report = ModelProbe.builder()
                    .modelOptions(ModelOptions.builder()
                            .engine("torch")
                            .exampleInputs(four)
                            .build())
                    .build()
                    .run(Fixtures.path("probe/crashes-when-called.pt"));

            assertThat(report.outcome()).isEqualTo(Outcome.CRASHED);
        }
    }

    @Test
    void run_oneThatCrashesWhenCalled_namesTheSignalAndThePlace() throws Exception {
        leavesNothing(() -> {
            ModelProbe.Report report = report("probe/crashes-when-called.pt");

            assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.CRASHED);
            assertThat(report.sentence())
                    .startsWith("crashes-when-called.pt: the JVM that tried it died of SIGSEGV in [libtorch_cpu.so");
        });
    }

    @Test
    void run_oneThatCrashesWhenOpened_saysSo() throws Exception {
        leavesNothing(() -> {
            ModelProbe.Report report = report("probe/crashes-when-opened.pt");

            assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.CRASHED);
            assertThat(report.sentence()).endsWith(" while it was opened");
        });
    }

    @Test
    void run_oneThatHangs_isEndedInTime() throws Exception {
        leavesNothing(() -> {
            ModelProbe.Report report =
                    probe().timeout(Duration.ofSeconds(8)).build().run(Fixtures.path("probe/hangs.pt"));

            assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.HUNG);
            assertThat(report.sentence()).startsWith("hangs.pt: hangs, or needs longer than 8 s while it was ");
        });
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void run_oneThatTakesMemoryWithoutEnd_isEnded() throws Exception {
        leavesNothing(() -> {
            ModelProbe.Report report = probe().memory(1L << 30).build().run(Fixtures.path("probe/grows.pt"));

            assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.OUT_OF_MEMORY);
            assertThat(report.sentence()).startsWith("grows.pt: takes more than 1,024 MiB of memory while it was ");
        });
    }

    @Test
    void run_oneThatPrintsWithoutEnd_isEndedInTime() throws Exception {
        leavesNothing(() -> assertThat(probe().timeout(Duration.ofSeconds(8))
                        .build()
                        .run(Fixtures.path("probe/prints.pt"))
                        .outcome())
                .isEqualTo(Outcome.HUNG));
    }

    @Test
    void run_oneThatPrints_cannotForgeTheVerdict() throws IOException {
        assertThat(report("probe/chatters.pt").outcome()).isEqualTo(Outcome.READY);
    }

    @Test
    void run_oneThatRaises_isRefusedWithItsWords() throws IOException {
        ModelProbe.Report report = report("probe/raises.pt");

        assertThat(report.outcome()).as(report.toString()).isEqualTo(Outcome.REFUSED);
        assertThat(report.sentence()).contains("raises.pt", "no number is good enough");
    }

    @Test
    void run_aFileThatIsCutShort_isRefusedByName() throws IOException {
        byte[] whole = Files.readAllBytes(Fixtures.path("risk/risk.pt"));
        Path cut = Files.write(folder.resolve("cut.pt"), Arrays.copyOf(whole, whole.length / 2));

        ModelProbe.Report report = probe().build().run(cut);

        assertThat(report.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(report.sentence()).startsWith("cannot load cut.pt: ");
    }

    @Test
    void run_noSuchFile_isRefused() throws IOException {
        assertThat(probe().build().run(folder.resolve("none.pt")).sentence())
                .endsWith("none.pt: there is no such file");
    }

    @Test
    void run_whereThereIsNoCresset_saysSo() {
        assertThatThrownBy(() -> probe().classPath(folder).build().run(Fixtures.path("risk/risk.pt")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the JVM that probes models cannot be started")
                .hasMessageContaining("ProbedModel");
    }

    /** The JVMs that probes of this one run in. */
    static ProcessHandle awaitChild() {
        while (true) {
            List<ProcessHandle> children = ProcessHandle.current().children().toList();
            if (!children.isEmpty()) {
                return children.get(0);
            }
            Thread.onSpinWait();
        }
    }

    private static <T> Future<T> start(ExecutorService threads, Callable<T> task) {
        return threads.submit(task);
    }

    /** Has a model probed, and then opens it. */
    static final class Opens {
        public static void main(String[] arguments) throws IOException {
            Path file = Fixtures.path("risk/risk.pt");
            ModelOptions options = ModelOptions.builder()
                    .engine("torch")
                    .inputs(TensorSpec.of(DataType.FLOAT32, 1, 30))
                    .build();
            boolean ready =
                    ModelProbe.builder().modelOptions(options).build().run(file).opens();
            try (Model model = Model.open(file, options)) {
                System.out.println("ready " + ready + ", plan " + model.plan());
            }
        }
    }

    @Test
    void run_whatTuningFoundThere_isRememberedHere() throws Exception {
        ChildJvm serving = ChildJvm.run(
                Opens.class, ChildJvm::withoutFake, folder, "-Dcresset.cache=plans", "-Djava.io.tmpdir=" + folder);

        // Tuned again, if neighbours disturbed the first time, but never from nothing.
        assertThat(serving.output()).contains("ready true").doesNotContain("(tuned in");
    }

    /** A process that holds a file and a password, probes what hangs, and looks at the other one; then it is gone, without a goodbye. */
    static final class Serving {
        public static void main(String[] arguments) throws Exception {
            Path secret = Files.writeString(Path.of("secret").toAbsolutePath(), "secret");
            FileChannel open = FileChannel.open(secret, StandardOpenOption.READ);
            Thread probing = new Thread(() -> {
                try {
                    probe().build().run(Fixtures.path("probe/hangs.pt"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            probing.setDaemon(true);
            probing.start();
            ProcessHandle child = awaitChild();
            Path process = Path.of("/proc", Long.toString(child.pid()));
            while (!Files.readString(process.resolve("maps")).contains("libtorch_cpu")) {
                Thread.onSpinWait();
            }
            try (Stream<Path> handles = Files.list(process.resolve("fd"))) {
                for (Path handle : handles.toList()) {
                    System.out.println("handle " + Files.readSymbolicLink(handle));
                }
            }
            Files.readString(process.resolve("environ")).lines().forEach(all -> {
                for (String variable : all.split("\0", -1)) {
                    System.out.println("variable " + variable);
                }
            });
            System.out.println("first to go "
                    + Files.readString(process.resolve("oom_score_adj")).strip());
            System.out.println("folder " + Files.readSymbolicLink(process.resolve("cwd")));
            System.out.println("child " + child.pid() + " beside " + open);
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void run_thisProcessDies_soDoesTheOther_whichNeverHadItsFilesOrSecrets() throws Exception {
        ChildJvm serving = ChildJvm.run(
                Map.of("DATABASE_PASSWORD", "hunter2"),
                Serving.class,
                ChildJvm::withoutFake,
                folder,
                "-Dcresset.cache=off",
                "-Djava.io.tmpdir=" + folder);

        assertThat(serving.output())
                .contains("handle /", "variable PATH=", "first to go 1000")
                .doesNotContain("hunter2")
                .doesNotContain("handle " + folder.toRealPath().resolve("secret"));
        Matcher child = Pattern.compile("child (\\d+)").matcher(serving.output());
        assertThat(child.find()).as(serving.output()).isTrue();
        Optional<ProcessHandle> left = ProcessHandle.of(Long.parseLong(child.group(1)));
        if (left.isPresent()) {
            left.get().onExit().get();
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly("secret");
        }
    }

    @Test
    void run_interrupted_endsTheOther() throws Exception {
        leavesNothing(() -> {
            Thread here = Thread.currentThread();
            ExecutorService threads = Executors.newSingleThreadExecutor();
            Future<ProcessHandle> child = start(threads, () -> {
                ProcessHandle started = awaitChild();
                here.interrupt();
                return started;
            });

            assertThatThrownBy(() -> report("probe/hangs.pt")).isInstanceOf(CancellationException.class);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(child.get().isAlive()).isFalse();
            threads.shutdown();
        });
    }
}
