package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The corpus once more, all of it in one process that has 64 MiB of heap. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@DisabledOnOs(OS.WINDOWS) // Some of the folders cannot be made there.
class SmallHeapTest {
    @TempDir
    Path directory;

    @Test
    void corpus_in64Mebibytes() throws IOException, InterruptedException {
        List<HostileCase> cases = cases();
        List<String> paths = new ArrayList<>();
        for (HostileCase archive : cases) {
            Path folder = Files.createDirectory(directory.resolve(String.valueOf(paths.size())));
            paths.add(archive.maker().in(folder).toString());
        }

        List<String> answers = run(paths);

        assertThat(answers).hasSameSizeAs(cases);
        assertThat(IntStream.range(0, cases.size())
                        .filter(i -> !answers.get(i).equals(cases.get(i).rule().toString()))
                        .mapToObj(i -> cases.get(i) + ": " + answers.get(i)))
                .as("answered otherwise")
                .isEmpty();
    }

    private static List<HostileCase> cases() {
        return Stream.of(HostileCorpusTest.files(), HostileCorpusTest.folders(), HostileCorpusTest.documents())
                .flatMap(cases -> cases)
                .toList();
    }

    private List<String> run(List<String> paths) throws IOException, InterruptedException {
        Path input = Files.write(directory.resolve("paths"), paths, StandardCharsets.UTF_8);
        Path output = directory.resolve("answers");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SmallHeap.class.getName())
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
        try {
            assertThat(process.waitFor(250, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(directory.resolve("errors")))
                    .isZero();
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(output);
    }
}
