package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.consumer.OpensAModel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cresset as modules: found, opened and run from the module path. */
class ModulePathTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    static boolean isModule(String entry) {
        return (entry.endsWith("classes") && !entry.endsWith("test-classes"))
                || entry.contains("bytedeco")
                || entry.contains("jackson")
                || entry.contains("commons")
                || entry.contains("snakeyaml")
                || (entry.contains("cresset-") && !entry.contains("tests") && entry.endsWith(".jar"));
    }

    @Test
    void open_fromTheModulePath() throws IOException, InterruptedException {
        String modules = String.join(
                File.pathSeparator,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .filter(ModulePathTest::isModule)
                        .toList());
        ChildJvm child = ChildJvm.run(
                OpensAModel.class,
                entry -> entry.endsWith(
                        Path.of("natives", "target", "test-classes").toString()),
                folder,
                "-p",
                modules,
                "--add-modules",
                "ALL-MODULE-PATH");
        assertThat(child.output()).contains("works in module dev.cresset.core");
    }
}
