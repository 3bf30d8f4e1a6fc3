package dev.cresset.torch.libraries;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.consumer.OpensAModel;
import dev.cresset.torch.ChildJvm;
import dev.cresset.torch.ClassLoadersTest;
import dev.cresset.torch.PlatformTest;
import java.io.File;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process has one LibTorch, whichever engine comes first, from wherever, in whichever class loader. Two would end it. What
 * comes later runs on the first one or is refused.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class OneLibTorchTest {

    /** Of one version with the jars', and not the same. */
    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path other;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeAll
    static void makeAnother() throws IOException {
        LibTorchFolderTest.libraries(other);
        Path torch = other.resolve("libtorch_cpu.so");
        Path copy = Files.copy(torch, other.resolve("copy"));
        Files.delete(torch); // a link: not the copy of others
        Files.move(copy, torch);
        Files.writeString(torch, "a byte more", StandardOpenOption.APPEND);
    }

    /** Opens a model in a class loader of its own for each step: an engine, and where its LibTorch is to come from. */
    static final class Steps {
        private Steps() {}

        public static void main(String[] args) throws Exception {
            for (String step : System.getProperty("cresset.test.steps").split(" ", -1)) {
                System.setProperty("cresset.engine", step.substring(0, step.indexOf('@')));
                if (step.endsWith("@folder")) {
                    System.setProperty("cresset.libtorch", System.getProperty("cresset.test.folder"));
                } else {
                    System.clearProperty("cresset.libtorch");
                }
                try (URLClassLoader loader = ClassLoadersTest.loader()) {
                    Thread.currentThread().setContextClassLoader(loader);
                    loader.loadClass(OpensAModel.class.getName())
                            .getMethod("main", String[].class)
                            .invoke(null, (Object) new String[0]);
                }
            }
            try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
                System.out.println("LibTorchs "
                        + maps.filter(line -> line.endsWith("/libtorch_cpu.so"))
                                .map(line -> line.substring(line.indexOf('/')))
                                .distinct()
                                .count());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "torch@jars torch@folder torch-portable@jars torch-portable@folder, works refused works refused",
        "torch@jars torch-portable@jars torch@folder torch-portable@folder, works works refused refused",
        "torch@folder torch@jars torch-portable@jars torch-portable@folder, works works refused refused",
        "torch@folder torch-portable@jars torch@jars torch-portable@folder, works refused works refused",
        "torch-portable@jars torch@folder torch@jars torch-portable@folder, works refused works refused",
        "torch-portable@folder torch-portable@jars torch@jars torch@folder, refused works works refused"
    })
    void open_inThisOrder(String steps, String expected) throws IOException, InterruptedException {
        String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
        List<String> application =
                Arrays.stream(entries).filter(PlatformTest::realEngines).toList();

        ChildJvm child = ChildJvm.run(
                Steps.class,
                entry -> entry.endsWith(
                                Path.of("natives", "target", "test-classes").toString())
                        || entry.endsWith(
                                Path.of("natives", "target", "classes").toString()),
                folder,
                "-Dcresset.cache=off",
                "-Dcresset.test.steps=" + steps,
                "-Dcresset.test.folder=" + other,
                "-Dcresset.test.application=" + String.join(File.pathSeparator, application));

        assertThat(child.exitCode()).as(child.output()).isZero();
        List<String> outcomes = child.output()
                .lines()
                .filter(line -> line.startsWith("works") || line.startsWith("EngineUnavailableException: "))
                .toList();
        assertThat(outcomes.stream().map(line -> line.startsWith("works") ? "works" : "refused"))
                .as(child.output())
                .containsExactly(expected.split(" ", -1));
        assertThat(outcomes)
                .allMatch(line -> line.startsWith("works")
                        || line.contains("this process has another LibTorch already, loaded from ")
                        || line.contains("this process has a LibTorch already, loaded from ")
                        || line.contains("it runs on the LibTorch of the presets' jars alone"));
        assertThat(child.output()).contains("LibTorchs 1\n");
    }
}
