package dev.cresset.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ByteArrayResource;

/** What docs/spring-boot.md says is so: its Java compiles, its properties are there, and it leaves none out. */
class GuideTest {

    private static final Path PAGE = Fixtures.fixture("").resolveSibling("docs/spring-boot.md");

    private static List<String> blocks(String language) throws IOException {
        List<String> found = new ArrayList<>();
        Matcher blocks =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
        while (blocks.find()) {
            found.add(blocks.group(1));
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    private static JavaFileObject source(String text) {
        Matcher name = Pattern.compile("class (\\w+)").matcher(text);
        assertThat(name.find()).isTrue();
        return new SimpleJavaFileObject(URI.create("memory:/" + name.group(1) + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    @Test
    void java_compiles(@TempDir Path classes) throws IOException {
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        List<JavaFileObject> sources =
                blocks("java").stream().map(GuideTest::source).toList();
        ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, diagnostics, options, null, sources)
                .call();
        assertThat(diagnostics.getDiagnostics()).noneMatch(found -> found.getKind() == Diagnostic.Kind.ERROR);
    }

    private static Set<String> known() {
        Set<String> known = new HashSet<>(Properties.of("cresset.models.risk", CressetProperties.Model.class)
                .keySet());
        known.addAll(Properties.of("cresset.registry", CressetProperties.Registry.class)
                .keySet());
        return known;
    }

    @Test
    void yaml_namesPropertiesThatAreThere() throws IOException {
        List<String> named = new ArrayList<>();
        for (String yaml : blocks("yaml")) {
            YamlPropertiesFactoryBean properties = new YamlPropertiesFactoryBean();
            properties.setResources(new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)));
            Objects.requireNonNull(properties.getObject())
                    .stringPropertyNames()
                    .forEach(name -> named.add(name.replaceAll("\\[.*", "")));
        }
        named.removeIf(name -> !name.startsWith("cresset."));
        assertThat(named).isNotEmpty().allMatch(known()::contains);
    }

    @Test
    void everyProperty_isInATable() throws IOException {
        String page = Files.readString(PAGE);
        for (String name : known()) {
            String shown = name.replaceFirst("cresset\\.(models\\.risk|registry)\\.", "");
            String cell = shown.equals("inputs") ? "`inputs[0].shape`" : "`" + shown + "`";
            assertThat(page.lines().filter(line -> line.startsWith("| `")))
                    .as(shown)
                    .anyMatch(line -> line.contains(cell));
        }
    }
}
