package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
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

    @TempDir
    Path folder;

    /** The classes in a jar, as the build packs them. */
    private Path jar(Path classes) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "1.2.3");
        Path jar = folder.resolve("cresset-natives.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                packed.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, packed);
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

    @Test
    void main_fromAJar_saysItsVersion() throws Exception {
        Path classes = Path.of(
                Doctor.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        String jar = jar(classes).toString();
        List<String> entries = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty() && !Path.of(entry).equals(classes))
                .toList();
        String others = entries.stream().collect(Collectors.joining(File.pathSeparator));
        String modules =
                entries.stream().filter(ModulePathTest::isModule).collect(Collectors.joining(File.pathSeparator));

        assertThat(run("-cp", jar + File.pathSeparator + others, Doctor.class.getName()))
                .containsPattern("Cresset +1\\.2\\.3\n");
        assertThat(run(
                        "-p",
                        jar + File.pathSeparator + modules,
                        "--add-modules",
                        "ALL-MODULE-PATH",
                        "-m",
                        "dev.cresset.natives/" + Doctor.class.getName()))
                .containsPattern("Cresset +1\\.2\\.3\n");
    }
}
