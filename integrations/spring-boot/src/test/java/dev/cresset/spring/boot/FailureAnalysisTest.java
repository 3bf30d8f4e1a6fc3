package dev.cresset.spring.boot;

import static dev.cresset.spring.boot.Fixtures.fixture;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What a person reads when an application does not start. */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalysisTest {

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(CressetAutoConfiguration.class)
    static class Application {
        @Bean
        Integer taken() {
            return 7;
        }
    }

    /** Starts, does not, and returns what was said. */
    private static String report(CapturedOutput output, String... properties) {
        SpringApplication application = new SpringApplication(Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        String[] arguments = new String[properties.length];
        for (int i = 0; i < properties.length; i++) {
            arguments[i] = "--" + properties[i];
        }
        try {
            application.run(arguments).close();
            throw new AssertionError("it has started");
        } catch (RuntimeException e) {
            String said = output.getAll();
            assertThat(said).contains("APPLICATION FAILED TO START");
            return said.substring(said.lastIndexOf("APPLICATION FAILED TO START"));
        }
    }

    @Test
    void missingFile(CapturedOutput output) {
        assertThat(report(output, "cresset.models.risk.path=models/risk.pt", "cresset.models.risk.handler=floats"))
                .contains(
                        "'cresset.models.risk.path' = 'models/risk.pt' (from \"cresset.models.risk.path\" from property"
                                + " source \"commandLineArgs\")")
                .contains("there is no file " + Path.of("models/risk.pt").toAbsolutePath())
                .contains("A plain path is looked for from the working directory");
    }

    @Test
    void noPath(CapturedOutput output) {
        assertThat(report(output, "cresset.models.risk.handler=floats"))
                .contains("The property 'cresset.models.risk.path'")
                .contains("it is not set");
    }

    @Test
    void wrongArchive(CapturedOutput output, @TempDir Path folder) throws IOException {
        Path text = Files.writeString(folder.resolve("model.mar"), "not an archive at all");

        assertThat(report(output, "cresset.models.risk.path=" + text))
                .contains("model.mar")
                .contains("Make the file anew, with torch-model-archiver or 'mar pack'");
    }

    @Test
    void refusedOperators(CapturedOutput output) {
        assertThat(report(
                        output,
                        "cresset.models.risk.path=" + fixture("trust/reads-a-file.pt"),
                        "cresset.models.risk.handler=tensors"))
                .contains("from_file")
                .contains("options.trusted(true)")
                .contains("Otherwise do not open it.");
    }

    @Test
    void unknownDevice(CapturedOutput output) {
        assertThat(report(
                        output,
                        "cresset.models.risk.path=" + fixture("risk/risk.pt"),
                        "cresset.models.risk.handler=floats",
                        "cresset.models.risk.devices=gpu"))
                .contains("The property 'cresset.models.risk.devices'")
                .contains("'gpu' is no device, expected cpu, cuda, or cuda:0 and so on");
    }

    @Test
    void queueWithoutMemory(CapturedOutput output) {
        assertThat(report(
                        output,
                        "cresset.models.risk.path=" + fixture("risk/risk.pt"),
                        "cresset.models.risk.handler=floats",
                        "cresset.models.risk.queue.memory=0MB"))
                .contains("The property 'cresset.models.risk.queue.memory' = '0MB'")
                .contains("queueMemory is 0, it must be at least 1");
    }

    @Test
    void missingDevice(CapturedOutput output) {
        assertThat(report(
                        output,
                        "cresset.models.risk.path=" + fixture("risk/risk.pt"),
                        "cresset.models.risk.handler=floats",
                        "cresset.models.risk.devices=cuda:99"))
                .contains("The property 'cresset.models.risk.devices' = 'cuda:99'")
                .contains("says which devices there are");
    }

    @Test
    void missingNatives() throws Exception {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.matches(".*(bytedeco|/natives/target|cresset-natives).*"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dspring.devtools.restart.enabled=false",
                        "-cp",
                        classPath,
                        PreparedApplication.class.getName(),
                        "--spring.main.web-application-type=none",
                        "--cresset.models.risk.path=" + fixture("risk/risk.pt"),
                        "--cresset.models.risk.handler=floats")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said)
                .contains("APPLICATION FAILED TO START")
                .contains("no engine is on the class path")
                .contains("Add dev.cresset:cresset-natives")
                .contains("dev.cresset.torch.Doctor");
    }

    @Test
    void handlerInPython(CapturedOutput output) {
        assertThat(report(output, "cresset.models.mnist.path=" + fixture("mnist/mnist.mar")))
                .contains("'cresset.models.mnist.handler'")
                .contains("is a Python file, which does not run in a JVM")
                .contains("Set 'cresset.models.mnist.handler' to the name of a bean");
    }

    @Test
    void unknownHandler(CapturedOutput output) {
        assertThat(report(
                        output,
                        "cresset.models.risk.path=" + fixture("risk/risk.pt"),
                        "cresset.models.risk.handler=flots"))
                .contains("'cresset.models.risk.handler' = 'flots'")
                .contains("there is no bean and no class 'flots'")
                .contains("'floats' (float[] in, float[] out)");
    }

    @Test
    void beanThatIsNoHandler(CapturedOutput output) {
        assertThat(report(
                        output,
                        "cresset.models.risk.path=" + fixture("risk/risk.pt"),
                        "cresset.models.risk.handler=taken"))
                .contains("java.lang.Integer is neither a Handler nor a HandlerFactory");
    }

    @Test
    void noHandlerForAFileAlone(CapturedOutput output) {
        assertThat(report(output, "cresset.models.risk.path=" + fixture("risk/risk.pt")))
                .contains("risk.pt is a model alone, without an archive that would name its handler");
    }

    @Test
    void settingThatIsRefused(CapturedOutput output) {
        assertThat(report(
                        output,
                        "cresset.models.risk.path=" + fixture("risk/risk.pt"),
                        "cresset.models.risk.handler=floats",
                        "cresset.models.risk.queue.capacity=0"))
                .contains("'cresset.models.risk.queue.capacity' = '0'")
                .contains("queue is 0, it must be at least 1")
                .contains("Correct 'cresset.models.risk.queue.capacity'.");
    }

    @Test
    void nameOfAnotherBean(CapturedOutput output) {
        assertThat(report(output, "cresset.models.taken.path=" + fixture("risk/risk.pt")))
                .contains("there is a bean 'taken' already, of type java.lang.Integer")
                .contains("Give the model or the bean another name.");
    }

    @Test
    void registryFolderThatIsMissing(CapturedOutput output) {
        assertThat(report(output, "cresset.registry.path=no-such-folder"))
                .contains("'cresset.registry.path' = 'no-such-folder'")
                .contains("there is no folder " + Path.of("no-such-folder").toAbsolutePath());
    }
}
