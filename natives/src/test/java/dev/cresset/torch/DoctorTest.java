package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says of Cresset itself, run as users run it: from a jar, on the class path or the module path. */
class DoctorTest {
    private static final Path CLASSES = Path.of(URI.create(
            Doctor.class.getProtectionDomain().getCodeSource().getLocation().toString()));

    @TempDir
    Path folder;

    /** The classes in a jar, of a version of its own, with a manifest that says another. */
    private Path jar(String version, String manifests) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, manifests);
        Path jar = folder.resolve("cresset-natives.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                packed.putNextEntry(
                        new JarEntry(CLASSES.relativize(file).toString().replace(File.separatorChar, '/')));
                if (file.endsWith("dev/cresset/torch/version.txt")) {
                    packed.write((version + "\n").getBytes(StandardCharsets.UTF_8));
                } else {
                    Files.copy(file, packed);
                }
            }
        }
        return jar;
    }

    private static String run(String... options) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of(Path.of(System.getProperty("java.home"), "bin", "java")
                                .toString()),
                        Arrays.stream(options))
                .toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    /** The class path of this test without the classes of natives. */
    private static Stream<String> others() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty() && !Path.of(entry).equals(CLASSES));
    }

    private static String asPath(Path first, Stream<String> others) {
        return Stream.concat(Stream.of(first.toString()), others).collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void main_fromAJar_saysItsVersion() throws Exception {
        Path jar = jar("1.2.3", "1.2.3");

        assertThat(run("-cp", asPath(jar, others()), Doctor.class.getName())).containsPattern("Cresset +1\\.2\\.3\n");
        assertThat(run(
                        "-p",
                        asPath(jar, others().filter(ModulePathTest::isModule)),
                        "--add-modules",
                        "ALL-MODULE-PATH",
                        "-m",
                        "dev.cresset.natives/" + Doctor.class.getName()))
                .containsPattern("Cresset +1\\.2\\.3\n");
    }

    @Test
    void main_fromAJarMergedIntoAnApplications_saysItsOwnVersion() throws Exception {
        Path jar = jar("1.2.3", "77 of the application");

        assertThat(run("-cp", asPath(jar, others()), Doctor.class.getName())).containsPattern("Cresset +1\\.2\\.3\n");
    }

    @Test
    void main_fromTheBuildsClasses_saysTheVersionOfTheBuild() throws Exception {
        assertThat(run("-cp", asPath(CLASSES, others()), Doctor.class.getName()))
                .containsPattern("Cresset +\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\n");
    }
}
