package dev.cresset.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.consumer.ProbesAModel;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Wherever Cresset's classes come from, the JVM that tries a model gets them, too. */
@Timeout(120)
class ProbedClassesTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static boolean tests(String entry) {
        return entry.endsWith(Path.of("natives", "target", "test-classes").toString());
    }

    private static String entries(Predicate<String> which) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(which)
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void run_fromTheModulePath_answers() throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(
                ProbesAModel.class,
                ProbedClassesTest::tests,
                folder,
                "-Dcresset.cache=off",
                "-p",
                entries(ModulePathTest::isModule),
                "--add-modules",
                "ALL-MODULE-PATH");

        assertThat(child.output()).contains("mlp-16-32-32-4.pt: opens, and answers");
    }

    /** A server, which gives an application its classes by a loader of its own. */
    static final class Server {
        public static void main(String[] arguments) throws Exception {
            List<URL> jars = new ArrayList<>();
            for (String entry : System.getProperty("cresset.test.application").split(File.pathSeparator, -1)) {
                jars.add(url(entry));
            }
            try (URLClassLoader application =
                    new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
                application
                        .loadClass(ProbesAModel.class.getName())
                        .getMethod("main", String[].class)
                        .invoke(null, (Object) arguments);
            }
        }

        private static URL url(String entry) throws MalformedURLException {
            return Path.of(entry).toUri().toURL();
        }
    }

    @Test
    void run_fromAClassLoaderOfAServer_answers() throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(
                Server.class,
                ProbedClassesTest::tests,
                folder,
                "-Dcresset.cache=off",
                "-Dcresset.test.application=" + entries(ChildJvm::withoutFake));

        assertThat(child.output()).contains("mlp-16-32-32-4.pt: opens, and answers");
    }
}
