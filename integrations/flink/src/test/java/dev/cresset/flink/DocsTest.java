package dev.cresset.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/flink.md: its complete file runs, and its pieces compile behind that file's stream. */
class DocsTest {

    private static final Path PAGE = Path.of(System.getProperty("cresset.fixtures"))
            .resolveSibling("docs")
            .resolve("flink.md");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path classes;

    private static List<String> snippets() throws IOException {
        List<String> found = new ArrayList<>();
        Matcher snippets = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
        while (snippets.find()) {
            found.add(snippets.group(1));
        }
        return found;
    }

    private static JavaFileObject source(String name, String file) {
        return new SimpleJavaFileObject(URI.create("memory:/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return file;
            }
        };
    }

    private void assertCompiles(List<JavaFileObject> sources) {
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, diagnostics, options, null, sources)
                .call();
        assertThat(diagnostics.getDiagnostics())
                .filteredOn(found -> found.getKind() == Diagnostic.Kind.ERROR)
                .isEmpty();
    }

    @Test
    void page_isRight() throws Exception {
        List<String> all = snippets();
        List<JavaFileObject> sources = new ArrayList<>();
        sources.add(source("ScoredPayments", all.get(0)));
        for (int i = 1; i < all.size(); i++) {
            sources.add(source("Piece" + i, """
                    package example;

                    import dev.cresset.*;
                    import dev.cresset.flink.*;
                    import dev.cresset.handler.*;
                    import dev.cresset.registry.Prediction;
                    import example.ScoredPayments.*;
                    import java.nio.file.Path;
                    import java.time.Duration;
                    import org.apache.flink.streaming.api.datastream.*;
                    import org.apache.flink.streaming.api.environment.*;
                    import org.apache.flink.util.OutputTag;

                    class Piece%d {
                        void run(
                                StreamExecutionEnvironment env,
                                DataStream<Payment> payments,
                                Scoring<Payment, Risk> scoring,
                                Scoring.Builder<float[], float[], Payment, Risk> builder,
                                Scoring.HandlerFactory<float[], float[]> handler) throws Exception {
                            %s
                        }
                    }
                    """.formatted(i, all.get(i))));
        }
        assertCompiles(sources);

        assertThat(output("example.ScoredPayments", Risk.ARCHIVE.toString()).lines())
                .filteredOn(line -> line.contains("Risk[payment="))
                .hasSize(1_000);
    }

    /** What a program says, on a class path of its own, as task managers look for classes on it. */
    private String output(String main, String argument) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dcresset.cache=off",
                        "-Dcresset.optimization=FROZEN",
                        "-cp",
                        classes + File.pathSeparator + System.getProperty("java.class.path"),
                        main,
                        argument)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
