package dev.cresset.torch.libraries;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cresset.consumer.OpensAModel;
import dev.cresset.engine.EngineException;
import dev.cresset.torch.ChildJvm;
import dev.cresset.torch.Doctor;
import dev.cresset.torch.PlatformTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * LibTorch's build for GPUs, and what it needs of CUDA, on a machine without either: the build for CPUs lies where the jar of
 * the other would have it, with a small library in the place of the part for GPUs.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class CudaLibrariesTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path pytorch = Path.of("");
    private Path cuda = Path.of("");

    /** Opens a model, has CUDA loaded, and opens another. */
    static final class LoadsCuda {
        private LoadsCuda() {}

        public static void main(String[] args) throws IOException {
            OpensAModel.main(args);
            try {
                NativeLibraries.loadCuda();
                System.out.println("has a driver");
            } catch (EngineException e) {
                System.out.println(e.kind() + " " + e.reason());
            }
            try {
                NativeLibraries.loadCudaLibraries();
                NativeLibraries.loadCudaLibraries();
                System.out.println("loaded");
            } catch (EngineException e) {
                System.out.println(e.kind() + " " + e.reason());
            }
            OpensAModel.main(args);
            LoadedLibraries.all().forEach((name, path) -> System.out.println(name + " from " + path));
        }
    }

    @BeforeEach
    void layOut() throws IOException {
        pytorch = Files.createDirectories(folder.resolve("gpu/org/bytedeco/pytorch/linux-x86_64-gpu"));
        cuda = Files.createDirectories(folder.resolve("gpu/org/bytedeco/cuda/linux-x86_64"));
        LibTorchFolderTest.libraries(folder.resolve("libraries"));
        for (String library : List.of("libgomp.so.1", "libc10.so", "libtorch_cpu.so")) {
            Files.move(folder.resolve("libraries").resolve(library), pytorch.resolve(library));
        }
        library("libtorch_cuda.so", "libm.so.6");
    }

    /** A small library of this name, 16 letters long, that needs another. */
    private Path library(String name, String needed) throws IOException {
        String bytes = Files.readString(folder.resolve("libraries/libquadmath.so.0"), ISO_8859_1);
        assertThat(bytes).contains("libquadmath.so.0\0").contains("\0libm.so.6\0");
        return Files.writeString(
                pytorch.resolve(name),
                bytes.replace("libquadmath.so.0\0", name + "\0").replace("\0libm.so.6\0", "\0" + needed + "\0"),
                ISO_8859_1);
    }

    private ChildJvm run(Class<?> main, String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dcresset.cache=off");
        return ChildJvm.run(main, PlatformTest::realEngines, folder, all.toArray(String[]::new));
    }

    /** Adds the build for GPUs to the class path, which has the one for CPUs, too. */
    private String both() {
        return "-Xbootclasspath/a:" + folder.resolve("gpu");
    }

    @Test
    void open_withBothBuilds_takesTheOneForGpus_withoutItsPartForThem() throws Exception {
        ChildJvm child = run(LibTorchFolderTest.SaysWhere.class, both());

        assertThat(child.output())
                .contains("works")
                .contains("libtorch_cpu.so from " + pytorch.resolve("libtorch_cpu.so"))
                .contains("libc10.so from " + pytorch.resolve("libc10.so"))
                .contains("libgomp.so.1 from " + pytorch.resolve("libgomp.so.1"))
                .doesNotContain("libtorch_cuda.so from");
    }

    @Test
    void loadCuda_whereAllIsThere_loads() throws Exception {
        ChildJvm child = run(LoadsCuda.class, both());

        assertThat(child.output())
                .contains("\nloaded\n")
                .contains("libtorch_cuda.so from " + pytorch.resolve("libtorch_cuda.so"));
        assertThat(child.output().split("works", -1)).as(child.output()).hasSize(3);
    }

    @Test
    void loadCuda_whereALibraryIsMissing_namesIt_andModelsGoOn() throws Exception {
        library("libtorch_cuda.so", "libcu.so6");

        ChildJvm child = run(LoadsCuda.class, both());

        assertThat(child.output())
                .contains("UNAVAILABLE cannot load " + pytorch.resolve("libtorch_cuda.so")
                        + ", which needs libcu.so6; what is CUDA's comes from the jar org.bytedeco:cuda-redist")
                .doesNotContain("libtorch_cuda.so from");
        assertThat(child.output().split("works", -1)).as(child.output()).hasSize(3);
    }

    /** Says what would be loaded for GPUs. */
    static final class SaysWhatItTakes {
        private SaysWhatItTakes() {}

        public static void main(String[] args) throws IOException {
            NeededLibraries needed = LibTorch.wanted().forGpu().orElseThrow();
            System.out.println("files " + needed.files());
        }
    }

    @Test
    void forGpu_takesWhatCudasJarHas_beforeWhatNeedsIt() throws Exception {
        library("libtorch_cuda.so", "libcu.so6");
        Files.move(folder.resolve("libraries/libquadmath.so.0"), cuda.resolve("libcu.so6"));

        ChildJvm child = run(SaysWhatItTakes.class, both());

        assertThat(child.output())
                .contains("files [" + cuda.resolve("libcu.so6") + ", " + pytorch.resolve("libtorch_cuda.so") + "]");
    }

    @Test
    void loadCuda_ofTheBuildForCpus_saysSo() throws Exception {
        ChildJvm child = run(LoadsCuda.class);

        assertThat(child.output())
                .contains(
                        "UNAVAILABLE the LibTorch of the jars on the class path, pytorch for linux-x86_64 is the build"
                                + " for CPUs, without libtorch_cuda.so; take the build for GPUs (Maven: -Dcresset.gpu), or");
    }

    @Test
    void loadCuda_withoutADriver_saysSo_beforeAnythingIsLoaded() throws Exception {
        assumeThat(Files.exists(Path.of("/proc/driver/nvidia"))).isFalse();

        ChildJvm child = run(LoadsCuda.class, both());

        assertThat(child.output())
                .contains("UNAVAILABLE there is no NVIDIA driver here: the system does not load libcuda.so.1;");
    }

    @Test
    void doctor_saysWhatIsThereAndWhatIsNot() throws Exception {
        library("libtorch_cuda.so", "libcu.so6");

        ChildJvm child = run(Doctor.class, both());

        assertThat(child.output())
                .containsPattern("LibTorch +the jars on the class path, pytorch for linux-x86_64-gpu\n")
                .containsPattern("version +\\d+\\.\\d+\\.\\d+\n")
                .containsPattern("NVIDIA driver +")
                .containsPattern("NVIDIA devices +")
                .containsPattern("build +for GPUs\n")
                .containsPattern("missing +libcu\\.so6\n")
                .containsPattern("libtorch_cuda.so +does not load\n");
    }

    @Test
    void doctor_onAFolder_saysWhichAndThatItIsForCpus() throws Exception {
        Path lib = LibTorchFolderTest.libraries(folder.resolve("lib"));

        ChildJvm child = run(Doctor.class, "-Dcresset.libtorch=" + lib);

        assertThat(child.output())
                .containsPattern("LibTorch +" + lib.toRealPath() + ", which -Dcresset.libtorch names\n")
                .containsPattern("build +for CPUs\n")
                .containsPattern("engine torch: runs\n");
    }

    /** With -Dcresset.test.wheel=.../torch/lib, of a PyTorch for CUDA with its wheels of NVIDIA beside it. */
    @Test
    @EnabledIfSystemProperty(named = "cresset.test.wheel", matches = ".+")
    void loadCuda_ofAWheel_loadsAllThatItNeeds() throws Exception {
        Path wheel = Path.of(System.getProperty("cresset.test.wheel"));

        ChildJvm child = run(LoadsCuda.class, "-Dcresset.libtorch=" + wheel);

        assertThat(child.output())
                .contains("\nloaded\n")
                .contains("libtorch_cuda.so from " + wheel.toRealPath().resolve("libtorch_cuda.so"));
        assertThat(child.output().split("works", -1)).as(child.output()).hasSize(3);
    }
}
