package dev.cresset.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.config.SystemProperties;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@link SystemProperties} is the list of them: the page that documents them has no more and no less, and nobody names one otherwise. */
class SystemPropertiesTest {

    private static final Path ROOT =
            Path.of(System.getProperty("cresset.fixtures")).resolveSibling("");

    /** For who starts other JVMs, and not documented. */
    private static final Set<String> BETWEEN_JVMS = Set.of(SystemProperties.TMPDIR);

    private static final Pattern IN_A_ROW = Pattern.compile("`(cresset\\.\\w+)`");
    private static final Pattern READ =
            Pattern.compile("(?:getProperty|getBoolean|getInteger|getLong)\\(\\s*\"(cresset\\.[\\w.]+)\"");

    @Test
    void properties_areThoseOfThePage() throws IOException {
        Set<String> page = new TreeSet<>();
        for (String line : Files.readAllLines(ROOT.resolve(Path.of("docs", "in-production.md")))) {
            Matcher names = IN_A_ROW.matcher(line.startsWith("| `") ? line.split("\\|", -1)[1] : "");
            while (names.find()) {
                page.add(names.group(1));
            }
        }

        assertThat(page)
                .isEqualTo(all().filter(name -> !BETWEEN_JVMS.contains(name))
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void properties_areReadByTheConstants() throws IOException {
        List<String> literals = new ArrayList<>();
        try (Stream<Path> files = Files.find(ROOT, 16, (path, attributes) -> isPublishedSource(path))) {
            for (Path file : files.toList()) {
                Matcher reads = READ.matcher(Files.readString(file));
                while (reads.find()) {
                    literals.add(ROOT.relativize(file) + ": " + reads.group(1));
                }
            }
        }

        assertThat(literals).isEmpty();
    }

    private static boolean isPublishedSource(Path path) {
        String name = ROOT.relativize(path).toString().replace('\\', '/');
        return name.matches("(core|natives|mar-format|integrations/[^/]+)/src/main/java/.*\\.java");
    }

    private static Stream<String> all() {
        return Stream.of(SystemProperties.class.getFields()).map(SystemPropertiesTest::value);
    }

    private static String value(Field constant) {
        try {
            return (String) constant.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
