package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Answer;
import dev.cresset.BoundCall;
import dev.cresset.Handler;
import dev.cresset.Inputs;
import dev.cresset.Model;
import dev.cresset.ModelOptions;
import dev.cresset.Predictor;
import dev.cresset.engine.Optimization;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.TensorSpec;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a process holds in memory: each child is a JVM of its own, which Linux tells about. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class MemoryTest {

    private static final Path FIXTURES = Path.of(System.getProperty("cresset.fixtures"));
    private static final Path SMALL = FIXTURES.resolve(Path.of("risk", "mlp-16-32-32-4.pt"));
    private static final Path WIDE = FIXTURES.resolve(Path.of("memory", "wide.mar"));
    private static final Path DEEP = FIXTURES.resolve(Path.of("memory", "deep.mar"));
    private static final Path RISK = FIXTURES.resolve(Path.of("risk", "risk.mar"));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private String run(Class<?> main) throws IOException, InterruptedException {
        return run(main, folder);
    }

    /** Runs in a JVM with a small heap, without the fake engine; what it wrote. */
    static String run(Class<?> main, Path folder, String... options) throws IOException, InterruptedException {
        return run(Map.of(), main, folder, options);
    }

    private static String run(Map<String, String> environment, Class<?> main, Path folder, String... options)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-Xmx64m", "-Dcresset.cache=off"));
        all.addAll(List.of(options));
        ChildJvm child = ChildJvm.run(
                environment,
                main,
                entry -> !entry.endsWith(
                                Path.of("core", "target", "test-classes").toString())
                        && ChildJvm.withoutFake(entry),
                folder,
                all.toArray(String[]::new));
        assertThat(child.exitCode()).as(child.output()).isZero();
        return child.output();
    }

    /** Megabytes of this process that are in memory and in no file. */
    static long anonymousMiB() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(text -> text.startsWith("RssAnon:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }

    /** One whose weights compress to a thousandth. */
    private static ModelArchive expanded(Path archive) throws IOException {
        return ModelArchive.open(
                archive, ArchiveLimits.builder().maxCompressionRatio(2000).build());
    }

    private static void print(long before, long after) {
        System.out.println("before: " + before + " MiB, after: " + after + " MiB, more: " + (after - before));
    }

    /** Of the last line that {@link #print} wrote: newer JDKs write warnings of their own beside it. */
    static long more(String output) {
        String mark = "more: ";
        int start = output.lastIndexOf(mark);
        assertThat(start).as(output).isNotNegative();
        return output.substring(start + mark.length())
                .lines()
                .findFirst()
                .map(Long::parseLong)
                .orElseThrow();
    }

    /** Predicts once, then names the libraries of this process. */
    static final class Libraries {
        private Libraries() {}

        public static void main(String[] args) throws IOException {
            try (Model model = Model.open(SMALL);
                    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 16)) {
                model.forward(x).close();
                System.out.println(Files.readString(Path.of("/proc/self/maps")));
            }
        }
    }

    @Test
    void firstPrediction_loadsNoneOfThePresetsOwnLibraries() throws IOException, InterruptedException {
        assertThat(run(Libraries.class))
                .contains("libjnicresset.so", "libtorch_cpu.so")
                .doesNotContain("libjnitorch", "libjniopenblas");
    }

    /** Opens 100 MB of weights under a heap of 64. */
    static final class OpensWide {
        private OpensWide() {}

        public static void main(String[] args) throws IOException {
            // LibTorch itself is not counted.
            Model.open(SMALL).close();
            long before = anonymousMiB();
            try (ModelArchive archive = expanded(WIDE);
                    Model model = Model.open(archive);
                    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 1024)) {
                model.forward(x).close();
                print(before, anonymousMiB());
            }
        }
    }

    @Test
    void open_largerThanTheHeap_takesItsSizeOnce() throws IOException, InterruptedException {
        assertThat(more(run(OpensWide.class))).isBetween(90L, 150L);
    }

    /** Makes 32 MB anew in each of ten rounds of a call, call after call; then closes. */
    static final class CallsLarge {
        private CallsLarge() {}

        public static void main(String[] args) throws IOException {
            Model.open(SMALL).close();
            long before = anonymousMiB();
            try (Tensor x = Tensor.allocate(DataType.FLOAT32, 8 << 20)) {
                try (Model model = Model.open(FIXTURES.resolve("modules/busy.pt"))) {
                    call(model, x);
                    long faults = pageFaults();
                    for (int i = 0; i < 5; i++) {
                        call(model, x);
                    }
                    System.out.println("page faults: " + (pageFaults() - faults));
                }
                // The argument, and nothing of what was kept.
                print(before, anonymousMiB());
            }
        }

        private static void call(Model model, Tensor x) {
            model.forward(x, Value.of(10)).close();
        }

        /** Minor ones of all threads: of pages that were not there yet. */
        private static long pageFaults() throws IOException {
            String line = Files.readString(Path.of("/proc/self/stat"));
            return Long.parseLong(line.substring(line.lastIndexOf(')') + 2).split(" ", -1)[7]);
        }
    }

    /** 32 MB are 8192 pages, which the system would map anew in each of fifty rounds. */
    @Test
    void calls_ofLargeTensors_useTheMemoryOfThoseBefore_andItGoesBackOnClose()
            throws IOException, InterruptedException {
        String output = run(CallsLarge.class);
        String mark = "page faults: ";
        String faults = output.substring(output.indexOf(mark) + mark.length())
                .lines()
                .findFirst()
                .orElseThrow();
        assertThat(Long.parseLong(faults)).as(output).isLessThan(8192);
        assertThat(more(output)).isBetween(32L, 48L);
    }

    /** Holds on to ten results of 8 MB, each of a call after one of 32. */
    static final class HoldsResults {
        private HoldsResults() {}

        public static void main(String[] args) throws IOException {
            try (Model model = Model.open(FIXTURES.resolve("modules/busy.pt"));
                    Tensor large = Tensor.allocate(DataType.FLOAT32, 8 << 20);
                    Tensor small = Tensor.allocate(DataType.FLOAT32, 2 << 20)) {
                CallsLarge.call(model, large);
                long before = anonymousMiB();
                List<Value> results = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    results.add(model.forward(small, Value.of(2)));
                    CallsLarge.call(model, large);
                }
                print(before, anonymousMiB());
                results.forEach(Value::close);
            }
        }
    }

    /** They had been given the memory of the larger tensors before, and so held four times their size. */
    @Test
    void results_afterCallsOfLargerTensors_holdNoMoreThanTheyNeed() throws IOException, InterruptedException {
        assertThat(more(run(HoldsResults.class))).isBetween(60L, 120L);
    }

    /** Opens and closes 100 MB of fused weights, once, then nine times more. */
    static final class OpensFused {
        private OpensFused() {}

        private static void open() throws IOException {
            ModelOptions fused =
                    ModelOptions.builder().optimization(Optimization.FUSED).build();
            try (ModelArchive archive = expanded(WIDE);
                    Model model = Model.open(archive, fused);
                    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 1024)) {
                // Fused from its third call on.
                for (int i = 0; i < 4; i++) {
                    model.forward(x).close();
                }
            }
        }

        public static void main(String[] args) throws IOException {
            open();
            long before = anonymousMiB();
            for (int i = 0; i < 9; i++) {
                open();
            }
            print(before, anonymousMiB());
        }
    }

    @Test
    void close_ofAFusedModel_leavesNoWeightsInOneDnn() throws IOException, InterruptedException {
        // Remembered, they would be 900. About 190 stay, however often it is done; whose they are is not known.
        assertThat(more(run(OpensFused.class))).isLessThan(400);
    }

    /** Opens and closes 28 MB of convolutions, which are 50 as they are laid out; once, then nine times more. */
    static final class OpensConvolutions {
        private OpensConvolutions() {}

        private static void open() throws IOException {
            ModelOptions direct = ModelOptions.builder()
                    .optimization(Optimization.DIRECT_CHANNELS_LAST)
                    .build();
            try (ModelArchive archive = expanded(DEEP);
                    Model model = Model.open(archive, direct);
                    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 512, 7, 7)) {
                // Code is made of its graph in the first and in the second call.
                for (int i = 0; i < 3; i++) {
                    model.forward(x).close();
                }
            }
        }

        public static void main(String[] args) throws IOException {
            open();
            long before = anonymousMiB();
            for (int i = 0; i < 9; i++) {
                open();
            }
            print(before, anonymousMiB());
        }
    }

    @Test
    void close_ofConvolutions_leavesNoWeightsThatWereLaidOut() throws IOException, InterruptedException {
        // They would be 450.
        assertThat(more(run(OpensConvolutions.class))).isLessThan(100);
    }

    /** Opens 28 MB of convolutions in the way that is the fastest for them: told so, then looking for it. */
    static final class Tunes {
        private Tunes() {}

        private static long opened(ModelOptions.Builder options) throws IOException {
            try (ModelArchive archive = expanded(DEEP);
                    Model model = Model.open(archive, options.build());
                    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 512, 7, 7)) {
                for (int i = 0; i < 3; i++) {
                    model.forward(x).close();
                }
                System.out.println(model.plan());
                return anonymousMiB();
            }
        }

        public static void main(String[] args) throws IOException {
            opened(ModelOptions.builder()
                    .inputs(TensorSpec.of(DataType.FLOAT32, 1, 512, 7, 7))); // what LibTorch keeps of it
            long told = opened(ModelOptions.builder().optimization(Optimization.DIRECT_CHANNELS_LAST));
            print(told, opened(ModelOptions.builder().inputs(TensorSpec.of(DataType.FLOAT32, 1, 512, 7, 7))));
        }
    }

    /** Odd numbers, which only tuning shows to most models, made convolutions lay out their weights once more, for good. */
    @Test
    void open_thatLooksForTheFastestWay_keepsNoMoreThanOneThatIsToldIt() throws IOException, InterruptedException {
        // All of the heap at once: how much of it is in use is chance.
        // And each weight on pages of its own: whether malloc keeps what was freed is chance, too (0 or 27 MB here).
        String output = run(
                Map.of("MALLOC_MMAP_THRESHOLD_", "1048576"),
                Tunes.class,
                folder,
                "-Xms64m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC");
        assertThat(output).contains("DIRECT_CHANNELS_LAST (tuned in ");
        assertThat(more(output)).isLessThan(20);
    }

    /** Binds one call to 100 MB of weights, then seven more. */
    static final class BindsEight {
        private BindsEight() {}

        public static void main(String[] args) throws IOException {
            List<BoundCall> calls = new ArrayList<>();
            try (ModelArchive archive = expanded(WIDE);
                    Model model = Model.open(archive);
                    Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 1024);
                    Tensor y = Tensor.allocate(DataType.FLOAT32, 1, 1024)) {
                long before = 0;
                for (int i = 0; i < 8; i++) {
                    BoundCall call = model.bind(List.of(x), List.of(y));
                    call.run();
                    calls.add(call);
                    before = i == 0 ? anonymousMiB() : before;
                }
                print(before, anonymousMiB());
                calls.forEach(BoundCall::close);
            }
        }
    }

    @Test
    void boundCalls_shareTheWeights() throws IOException, InterruptedException {
        assertThat(more(run(BindsEight.class))).isLessThan(40);
    }

    /** Opens and closes, plainly, tuned, and by a predictor. */
    static final class OpensAThousandTimes {
        private OpensAThousandTimes() {}

        private static final ModelOptions TUNED = ModelOptions.builder()
                .inputs(TensorSpec.of(DataType.FLOAT32, 1, 16))
                .build();
        private static final ModelOptions FROZEN =
                ModelOptions.builder().optimization(Optimization.FROZEN).build();

        private static void open(int rounds) throws IOException {
            for (int i = 0; i < rounds; i++) {
                // Tuning takes a quarter of a second: rarely.
                try (Model model = Model.open(SMALL, i % 100 == 0 ? TUNED : FROZEN);
                        Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 16)) {
                    model.forward(x).close();
                }
                if (i % 10 == 0) {
                    try (ModelArchive archive = ModelArchive.open(RISK);
                            Predictor<float[], float[]> predictor = Predictor.open(archive, new Risk())) {
                        predictor.predict(new float[30]);
                    }
                }
            }
        }

        public static void main(String[] args) throws IOException {
            open(300);
            long before = anonymousMiB();
            open(1000);
            print(before, anonymousMiB());
        }
    }

    @Test
    void openAndClose_aThousandTimes_leavesNothing() throws IOException, InterruptedException {
        assertThat(more(run(OpensAThousandTimes.class))).isLessThan(48);
    }

    private static final class Risk implements Handler<float[], float[]> {
        @Override
        public Answer<float[]> preprocess(float[] request, Inputs inputs) {
            inputs.tensor(DataType.FLOAT32, 30).copyFrom(request);
            return this::postprocess;
        }

        float[] postprocess(Value output) {
            return output.asTensor().toFloatArray();
        }
    }
}
