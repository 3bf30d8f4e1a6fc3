package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.consumer.OpensAModel;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process says where LibTorch cannot run, and how one ends where it can. */
public class PlatformTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    public static boolean realEngines(String entry) {
        return !entry.endsWith(Path.of("core", "target", "test-classes").toString()) && ChildJvm.withoutFake(entry);
    }

    private static boolean noNatives(String entry) {
        return realEngines(entry)
                && !entry.endsWith(Path.of("natives", "target", "classes").toString());
    }

    private static boolean noNativeJars(String entry) {
        return realEngines(entry) && !entry.endsWith("-linux-x86_64.jar");
    }

    /** Not by way of the contract test's class, which is in the jar that the child does without. */
    private static final Path MLP = Path.of(System.getProperty("cresset.fixtures"), "risk", "mlp-16-32-32-4.pt");

    /** Ends the process while other threads are inside the model. */
    static final class ExitsUnderLoad {
        private ExitsUnderLoad() {}

        public static void main(String[] args) throws InterruptedException, IOException {
            Model model = Model.open(MLP);
            Tensor x = Tensor.allocate(DataType.FLOAT32, 64, 16);
            model.forward(x).close();
            for (int i = 0; i < 3; i++) {
                Thread thread = new Thread(() -> {
                    while (true) {
                        model.forward(x).close();
                    }
                });
                thread.setDaemon(i > 0);
                thread.start();
            }
            for (int i = 0; i < 1000; i++) {
                model.forward(x).close();
            }
            System.exit(7);
        }
    }

    @Test
    void open_whereNoEngineRuns() throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(
                OpensAModel.class, PlatformTest::realEngines, folder, "-Dos.name=Linux", "-Dos.arch=riscv64");
        assertThat(child.output())
                .contains("EngineUnavailableException: no engine runs on Linux riscv64")
                .contains("Linux x86-64, Windows x86-64 and macOS arm64");
        assertThat(child.exitCode()).isZero();
    }

    @Test
    void open_anEngineOfAnotherPlatform() throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(
                OpensAModel.class,
                PlatformTest::realEngines,
                folder,
                "-Dos.name=Linux",
                "-Dos.arch=riscv64",
                "-Dcresset.engine=torch");
        assertThat(child.output())
                .contains("EngineUnavailableException: engine 'torch' cannot run here: the bridge is built for"
                        + " linux-x86_64, this is linux-riscv64");
    }

    @Test
    void open_withoutTheNativesModule() throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(OpensAModel.class, PlatformTest::noNatives, folder);
        assertThat(child.output())
                .contains("EngineUnavailableException: no engine is on the class path")
                .contains("dev.cresset:cresset-natives");
    }

    @Test
    void open_withoutTheNativeJars() throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(OpensAModel.class, PlatformTest::noNativeJars, folder, "-Dcresset.engine=torch");
        assertThat(child.output())
                .contains("EngineUnavailableException: engine 'torch' cannot run here: there is no org/bytedeco/")
                .contains("Gradle");
    }

    /** Opens two models by the best engine there is. */
    static final class OpensTwice {
        private OpensTwice() {}

        public static void main(String[] args) throws IOException {
            OpensAModel.main(args);
            OpensAModel.main(args);
        }
    }

    @Test
    void open_whereTheBridgeDoesNotLoad_saysSoOnce_andRuns() throws IOException, InterruptedException {
        Path broken = Files.writeString(folder.resolve("broken.so"), "no library");
        ChildJvm child =
                ChildJvm.run(OpensTwice.class, PlatformTest::realEngines, folder, "-Dcresset.bridge=" + broken);
        assertThat(child.output().split("works", -1)).as(child.output()).hasSize(3);
        assertThat(child.output().split("WARNING: engine 'torch' cannot run here: ", -1))
                .as(child.output())
                .hasSize(2);
        assertThat(child.output())
                .contains("cannot load " + broken + ": ")
                .contains("; models run on 'torch-portable' instead")
                .doesNotContain("glibc");
    }

    @Test
    void open_inASmallHeap() throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(OpensAModel.class, PlatformTest::realEngines, folder, "-Xmx32m");
        assertThat(child.output()).contains("works");
    }

    /** They would take as long to load as half of LibTorch. */
    @Test
    void open_withoutARecording_loadsNoEvents() throws IOException, InterruptedException {
        ChildJvm child =
                ChildJvm.run(OpensAModel.class, PlatformTest::realEngines, folder, "-Xlog:class+load:file=classes.txt");
        assertThat(child.output()).contains("works");
        assertThat(Files.readString(folder.resolve("classes.txt")))
                .contains("dev.cresset.internal.metrics.JfrEvents")
                .doesNotContain("dev.cresset.internal.metrics.ModelLoadEvent");
    }

    @Test
    void exit_underLoad_doesNotCrash() throws IOException, InterruptedException {
        for (int round = 0; round < 3; round++) {
            ChildJvm child = ChildJvm.run(ExitsUnderLoad.class, PlatformTest::realEngines, folder);
            assertThat(child.exitCode()).as(child.output()).isEqualTo(7);
        }
        assertThat(folder.toFile().list((File dir, String name) -> name.startsWith("hs_err")))
                .isEmpty();
    }
}
