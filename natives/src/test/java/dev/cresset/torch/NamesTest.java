package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files whose names the locale cannot spell, as in containers that have none: what Java lists, opens. */
@EnabledOnOs(OS.LINUX)
class NamesTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"torch, C", "torch-portable, C", "torch, C.UTF-8", "torch-portable, C.UTF-8"})
    void open_ofANameThatTheLocaleMayNotSpell(String engine, String locale) throws Exception {
        // In octal, for this JVM's own locale may not spell them either: a name in UTF-8, and one in nothing that is
        // known.
        String risk = TorchContractTest.fixture("risk").toString();
        shell("n=$(printf 'mod\\303\\250le-\\346\\250\\241'); mkdir $n; cp " + risk + "/risk.pt $n/$n.pt; cp " + risk
                + "/risk.mar $n/$n.mar; cd $n; mkdir $n; cd $n; unzip -q ../$n.mar 2>/dev/null || rm -r ../$n");
        shell("cp " + risk + "/risk.pt $(printf 'm\\351.pt'); cp " + risk + "/risk.mar $(printf 'm\\351.mar')");

        ChildJvm child = ChildJvm.run(
                Map.of("LC_ALL", locale),
                OpenAll.class,
                ChildJvm::withoutFake,
                folder,
                "-Dcresset.cache=off",
                "-Dcresset.engine=" + engine);
        assertThat(child.output().lines().filter(line -> line.startsWith("answered")))
                .as(child.output())
                .hasSizeGreaterThanOrEqualTo(4);
        assertThat(child.exitCode()).as(child.output()).isZero();
    }

    private void shell(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command)
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
    }

    /** Opens whatever lies in the folder, and asks it. */
    static final class OpenAll {

        public static void main(String[] arguments) throws IOException {
            List<Path> paths;
            try (Stream<Path> walk = Files.walk(Path.of("").toAbsolutePath())) {
                paths = walk.toList();
            }
            for (Path path : paths) {
                String text = path.toString();
                if (text.endsWith(".mar") || Files.exists(path.resolve("MAR-INF"))) {
                    try (ModelArchive archive = ModelArchive.open(path);
                            Model model = Model.open(archive)) {
                        ask(model);
                    }
                } else if (text.endsWith(".pt") && !Files.exists(path.resolveSibling("MAR-INF"))) {
                    try (Model model = Model.open(path)) {
                        ask(model);
                    }
                }
            }
        }

        private static void ask(Model model) {
            try (Tensor row = Tensor.of(new float[30], 1, 30);
                    Value answer = model.forward(row)) {
                System.out.println("answered " + answer);
            }
        }
    }
}
