package dev.cresset.torch.libraries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.consumer.OpensAModel;
import dev.cresset.engine.EngineException;
import dev.cresset.torch.ChildJvm;
import dev.cresset.torch.PlatformTest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A LibTorch that is on the machine already: used where it is, and looked at before anything of it is loaded. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class LibTorchFolderTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Opens a model, and says from where LibTorch was loaded. */
    static final class SaysWhere {
        private SaysWhere() {}

        public static void main(String[] args) throws IOException {
            OpensAModel.main(args);
            LoadedLibraries.all().forEach((name, path) -> System.out.println(name + " from " + path));
        }
    }

    /** The libraries of the jars, in one folder, as somebody has them who built or unpacked LibTorch. */
    static Path libraries(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (Path library : LibTorchJars.onClassPath().forCpu().files()) {
            link(folder.resolve(library.getFileName()), library);
        }
        return folder;
    }

    private static void link(Path link, Path library) throws IOException {
        try {
            Files.createLink(link, library);
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(library, link); // another volume
        }
    }

    private static void replace(Path file, long at, int... bytes) throws IOException {
        Path copy = file.resolveSibling("copy");
        Files.copy(file, copy);
        Files.delete(file); // it is a link
        Files.move(copy, file);
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(at);
            for (int b : bytes) {
                opened.write(b);
            }
        }
    }

    private ChildJvm run(Path libtorch, String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dcresset.cache=off");
        all.add("-Dcresset.libtorch=" + libtorch);
        return ChildJvm.run(SaysWhere.class, PlatformTest::realEngines, folder, all.toArray(String[]::new));
    }

    @Test
    void open_onAFolder_runsOnItsLibraries() throws IOException, InterruptedException {
        Path lib = libraries(folder.resolve("a folder"));

        ChildJvm child = run(folder.relativize(lib));

        assertThat(child.output())
                .contains("works")
                .contains("libtorch_cpu.so from " + lib.toRealPath().resolve("libtorch_cpu.so"))
                .contains("libgomp.so.1 from " + lib.toRealPath().resolve("libgomp.so.1"))
                .doesNotContain("cannot run here");
    }

    /** Neither engine runs then, and nothing takes the jars' instead in silence. */
    @Test
    void open_onAFolderThatIsNotThere_saysSo() throws IOException, InterruptedException {
        ChildJvm child = run(folder.resolve("nowhere"));

        assertThat(child.output())
                .contains("EngineUnavailableException: engine 'torch' cannot run here: -Dcresset.libtorch="
                        + folder.resolve("nowhere") + " does not exist")
                .doesNotContain("libtorch_cpu.so from");
    }

    /** As on Linux arm64, for which there is a bridge, perhaps, but no jar of LibTorch. */
    @Test
    void open_whereNoJarHasALibTorch_saysHowToGetOne() throws IOException, InterruptedException {
        Path bridge = folder.resolve("bridge/dev/cresset/torch/linux-arm64/libjnicresset.so");
        Files.createDirectories(bridge.resolve("..").normalize());
        Files.createFile(bridge);

        ChildJvm child = ChildJvm.run(
                OpensAModel.class,
                PlatformTest::realEngines,
                folder,
                "-Xbootclasspath/a:" + folder.resolve("bridge"),
                "-Dos.name=Linux",
                "-Dos.arch=aarch64");

        assertThat(child.output())
                .contains("EngineUnavailableException: engine 'torch' cannot run here: no jar has a LibTorch for"
                        + " linux-arm64; take that of PyTorch's wheel: pip download ")
                .contains(" torch==" + LibTorchVersion.expected().pattern() + " ")
                .contains("name its torch/lib by -Dcresset.libtorch=DIR");
    }

    @Test
    void open_byThePortableEngine_isRefused() throws IOException, InterruptedException {
        Path lib = libraries(folder.resolve("lib"));

        ChildJvm child = run(lib, "-Dcresset.engine=torch-portable");

        assertThat(child.output())
                .contains("engine 'torch-portable' cannot run here: it runs on the LibTorch of the presets' jars alone,"
                        + " and -Dcresset.libtorch names " + lib.toRealPath())
                .doesNotContain("libtorch_cpu.so from");
    }

    @Test
    void open_ofAnIncompleteFolder_namesWhatIsMissing() throws IOException {
        Path lib = libraries(folder.resolve("lib"));
        Files.delete(lib.resolve("libc10.so"));

        assertRefused(lib, " has no libc10.so; a wheel has it in torch/lib");
        assertRefused(Files.createFile(folder.resolve("file")), " is not a folder");
    }

    @Test
    void open_ofAnotherVersion_saysBoth() throws IOException {
        Path lib = libraries(folder.resolve("lib"));
        Path torch = lib.resolve("libtorch_cpu.so");
        // endbr64 and movabs are six bytes; of the constant the last two say 13 and 2.
        long code = ElfFile.read(torch).placeOf("aoti_torch_abi_version").orElseThrow();
        replace(torch, code + 6 + 6, 12, 2);

        assertRefused(
                lib,
                " is LibTorch 2.12.0, and Cresset is built for 2.13.0: take torch==2.13.*, or leave the property out"
                        + " and use the jars'");
    }

    @Test
    void open_forAnotherCpu_saysBoth() throws IOException {
        Path lib = libraries(folder.resolve("lib"));
        replace(lib.resolve("libc10.so"), 18, 183, 0);

        assertRefused(lib, " has a libc10.so for arm64, and this JVM runs on x86_64");
    }

    @Test
    void open_ofWhatIsNoLibrary_saysSo() throws IOException {
        Path lib = libraries(folder.resolve("lib"));
        Files.delete(lib.resolve("libtorch_cpu.so"));
        Files.writeString(lib.resolve("libtorch_cpu.so"), "version https://git-lfs.github.com/spec/v1\n".repeat(3));

        assertRefused(lib, " is not a shared library of 64-bit Linux");
    }

    @Test
    void open_ofACutFile_saysSo() throws IOException {
        Path lib = libraries(folder.resolve("lib"));
        byte[] head = new byte[4096];
        try (var in = Files.newInputStream(lib.resolve("libc10.so"))) {
            in.readNBytes(head, 0, head.length);
        }
        Files.delete(lib.resolve("libc10.so"));
        Files.write(lib.resolve("libc10.so"), head);

        assertRefused(lib, "libc10.so is cut off, or damaged");
    }

    private static void assertRefused(Path lib, String reason) {
        assertThatThrownBy(() -> LibTorchFolder.open(lib)).isInstanceOfSatisfying(EngineException.class, e -> {
            assertThat(e.kind()).isEqualTo(EngineException.Kind.UNAVAILABLE);
            assertThat(e.reason()).startsWith("-Dcresset.libtorch=" + lib + " ").endsWith(reason);
        });
    }

    /** With -Dcresset.test.wheel=.../torch/lib, of a PyTorch of the version that the bridge is built for. */
    @Test
    @EnabledIfSystemProperty(named = "cresset.test.wheel", matches = ".+")
    void open_onAWheel_runsOnIt() throws IOException, InterruptedException {
        Path wheel = Path.of(System.getProperty("cresset.test.wheel"));

        ChildJvm child = run(wheel);

        assertThat(child.output())
                .contains("works")
                .contains("libtorch_cpu.so from " + wheel.toRealPath().resolve("libtorch_cpu.so"))
                .contains("libgomp.so.1 from " + wheel.toRealPath().resolve("libgomp.so.1"));
    }
}
