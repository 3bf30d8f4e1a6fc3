package dev.cresset.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;
import org.springframework.context.aot.AbstractAotProcessor;

/** An application that is prepared when it is built: its models' beans are defined there and opened where it runs. */
class AheadOfTimeTest {

    private static void prepare(Path sources, Path resources, Path classes, String... properties) {
        AbstractAotProcessor.Settings settings = AbstractAotProcessor.Settings.builder()
                .sourceOutput(sources)
                .resourceOutput(resources)
                .classOutput(classes)
                .groupId("example")
                .artifactId("app")
                .build();
        new SpringApplicationAotProcessor(PreparedApplication.class, settings, properties).process();
    }

    private static void compile(Path sources, Path classes) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-proc:none", "-nowarn", "-d", classes.toString(), "-cp", System.getProperty("java.class.path")));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
    }

    @Test
    void preparedApplication_opensTheModelWhereItRuns(@TempDir Path folder) throws Exception {
        Path sources = folder.resolve("sources");
        Path classes = folder.resolve("classes");
        // The file is somewhere else where the application is built, or not there at all.
        prepare(
                sources,
                classes,
                classes,
                "--cresset.models.risk.path=not-here.pt",
                "--cresset.models.risk.handler=floats",
                "--spring.main.web-application-type=none");
        compile(sources, classes);

        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dspring.aot.enabled=true",
                        "-Dspring.devtools.restart.enabled=false", // it is among the tests' jars
                        "-Dcresset.cache=off",
                        "-cp",
                        classes + File.pathSeparator + System.getProperty("java.class.path"),
                        PreparedApplication.class.getName(),
                        "--cresset.models.risk.path=" + Fixtures.fixture("risk/risk.pt"),
                        "--cresset.models.risk.handler=floats",
                        "--cresset.models.risk.optimization=frozen",
                        "--spring.main.web-application-type=none")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said).contains("prepared: true, scores: ");
    }
}
