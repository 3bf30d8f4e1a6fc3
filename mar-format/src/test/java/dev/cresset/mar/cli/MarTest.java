package dev.cresset.mar.cli;

import static dev.cresset.mar.cli.Ran.fixture;
import static dev.cresset.mar.cli.Ran.mar;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is typed wrongly or is refused is said in one sentence, and the exit code tells which it was. */
class MarTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "mar, ''",
        "mar, inspekt",
        "mar inspect, inspect",
        "mar inspect, inspect a.mar b.mar",
        "mar verify, verify --jason a.mar",
        "mar unpack, unpack a.mar",
        "mar pack, pack"
    })
    void mar_typedWrongly(String command, String typed) {
        Ran ran = mar((Object[]) typed.split(" ", typed.isEmpty() ? 1 : -1));

        assertThat(ran.exit()).isEqualTo(Mar.USAGE);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
                .startsWith(command + ": ")
                .endsWith("; '" + command + " --help' says what there is\n")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "verify", "pack", "unpack"})
    void help_ofEachCommand(String command) {
        Ran ran = mar(command, "--help");

        assertThat(ran.exit()).isEqualTo(Mar.DONE);
        assertThat(ran.out()).startsWith("Usage: mar " + command + " ");
    }

    @Test
    void help_namesTheCommands() {
        assertThat(mar("--help").out()).contains("inspect ", "verify ", "pack ", "unpack ", "Exit codes: ");
    }

    @Test
    void version_isThatOfTheBuild() {
        assertThat(mar("--version").out()).matches("mar [0-9]+\\.[0-9]+\\.[0-9]+\\S*\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "verify"})
    void mar_noSuchFile(String command) {
        Ran ran = mar(command, directory.resolve("none.mar"));

        assertThat(ran.exit()).isEqualTo(Mar.REFUSED);
        assertThat(ran.err()).contains("none.mar: there is no such file").hasLineCount(1);
    }

    @Test
    void mar_optionThatDrivesATerminal() {
        Ran ran = mar("inspect", "a.mar", "--\u001b[2J\nx");

        assertThat(ran.err()).contains("\\u001b[2J").doesNotContain("\u001b").hasLineCount(1);
    }

    @Test
    void mar_fileNamedWithAt() throws IOException {
        Path archive = Files.copy(fixture("digits/digits.mar"), directory.resolve("@digits.mar"));

        assertThat(mar("inspect", archive).out()).contains("@digits.mar");
    }

    @ParameterizedTest
    @ValueSource(classes = {IllegalStateException.class, StackOverflowError.class, OutOfMemoryError.class})
    void mar_failsWhereNothingShould(Class<? extends Throwable> failure) {
        StringWriter err = new StringWriter();
        PrintWriter out = new PrintWriter(new StringWriter()) {
            @Override
            public void print(Object lines) {
                sneak(failure);
            }
        };

        int exit = Mar.run(
                new Console(out, new PrintWriter(err), false),
                "inspect",
                fixture("digits/digits.mar").toString());

        assertThat(exit).isEqualTo(Mar.REFUSED);
        assertThat(err.toString()).startsWith("mar: ").hasLineCount(1);
    }

    private static void sneak(Class<? extends Throwable> failure) {
        if (failure == IllegalStateException.class) {
            throw new IllegalStateException("two\nlines");
        }
        throw failure == OutOfMemoryError.class ? new OutOfMemoryError() : new StackOverflowError();
    }

    @Test
    void main_asAProcess() throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "verify",
                        "--progress",
                        directory.resolve("none.mar").toString())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(Mar.REFUSED);
        assertThat(out).isEmptyFile();
        assertThat(Files.readString(err, UTF_8))
                .contains("none.mar: there is no such file")
                .hasLineCount(1);
    }
}
