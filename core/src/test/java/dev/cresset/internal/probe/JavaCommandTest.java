package dev.cresset.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** How another JVM is told where classes are. */
class JavaCommandTest {

    /** What is to run. */
    public static final class Program {
        private Program() {}
    }

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void in_theClassPathOfThisOne_isAbsoluteAndInAFile() throws IOException {
        List<String> command = new JavaCommand(Program.class, List.of("-Dname=a \"b\" \\c")).in(folder);

        assertThat(command.get(0)).endsWith("java");
        assertThat(command.get(1)).isEqualTo("@" + folder.resolve("arguments"));
        assertThat(Files.readAllLines(folder.resolve("arguments")))
                .startsWith("\"-Dname=a \\\"b\\\" \\\\c\"", "\"-cp\"")
                .endsWith("\"" + Program.class.getName() + "\"");
    }

    /** The class loader follows links, the class path names them. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void in_aClassPathOfSymbolicLinks_isThatClassPath() throws Exception {
        Path classes = Path.of(Program.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path link = Files.createSymbolicLink(folder.resolve("current"), classes);
        String before = System.getProperty("java.class.path");
        System.setProperty("java.class.path", link.toString());
        try {
            new JavaCommand(Program.class, List.of()).in(folder);
        } finally {
            System.setProperty("java.class.path", before);
        }
        assertThat(Files.readString(folder.resolve("arguments"))).contains(link.toString());
    }

    @Test
    void in_classesOfAJarInAJar_saysWhereTheyAre() throws Exception {
        String name = Program.class.getName().replace('.', '/') + ".class";
        Path jar = folder.resolve("application.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("BOOT-INF/classes/" + name));
            try (InputStream in = Program.class.getClassLoader().getResourceAsStream(name)) {
                zip.write(Objects.requireNonNull(in).readAllBytes());
            }
        }
        URL inside = new URL("jar:" + jar.toUri() + "!/BOOT-INF/classes/");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {inside}, ClassLoader.getPlatformClassLoader())) {
            Class<?> program = loader.loadClass(Program.class.getName());

            assertThatThrownBy(() -> new JavaCommand(program, List.of()).in(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(
                            "another JVM cannot be given the classes of this one: they are in jar:file:")
                    .hasMessageEndingWith("name jars with ModelProbe.Builder.classPath");
        }
    }
}
