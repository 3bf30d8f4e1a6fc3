package dev.cresset.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** ONNX's own tests of its operators: a sample each time, all of them by {@code conformance.sh}. */
class NodeTestsTest {

    private static final Path SAMPLE = Path.of("nodes.zip");
    private static final String OUTCOMES = "outcomes.txt";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void sample_comesOutAsItDid() throws IOException {
        try (InputStream file = Files.newInputStream(SAMPLE);
                ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = folder.resolve(entry.getName());
                Files.createDirectories(target.getParent());
                Files.copy(zip, target);
            }
        }
        List<String> found = outcomes(folder).entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList();
        assertThat(found).isEqualTo(Files.readAllLines(folder.resolve(OUTCOMES)));
        assertThat(found).filteredOn(line -> line.endsWith(": passed")).hasSizeGreaterThan(100);
    }

    @Test
    @EnabledIfSystemProperty(named = "cresset.onnx.nodes", matches = ".+")
    void all_areWrittenDown() throws IOException {
        Path all = Path.of(System.getProperty("cresset.onnx.nodes"));
        Map<String, String> outcomes = outcomes(all);
        Files.write(
                all.resolveSibling(OUTCOMES),
                outcomes.entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + entry.getValue())
                        .toList());
        Files.writeString(Path.of(System.getProperty("cresset.onnx.page")), page(outcomes));
        assertThat(outcomes.values()).filteredOn("passed"::equals).hasSizeGreaterThanOrEqualTo(1329);
    }

    private static Map<String, String> outcomes(Path all) throws IOException {
        Map<String, String> outcomes = new TreeMap<>();
        try (Stream<Path> folders = Files.list(all)) {
            for (Path one : folders.filter(Files::isDirectory).sorted().toList()) {
                NodeTest test = new NodeTest(one);
                outcomes.put(test.name(), test.outcome());
            }
        }
        return outcomes;
    }

    private static String page(Map<String, String> outcomes) {
        Map<String, List<String>> byReason = new TreeMap<>();
        outcomes.forEach((name, outcome) ->
                byReason.computeIfAbsent(outcome, any -> new ArrayList<>()).add(name));
        long passed = byReason.getOrDefault("passed", List.of()).size();
        StringBuilder page = new StringBuilder("""
                # Conformance with ONNX

                ONNX's own tests of its operators (`onnx.backend.test`, of the package `onnx` %s), opened and called through
                Cresset by ONNX Runtime %s on the CPU. `integrations/onnx/conformance.sh` makes this page anew. Numbers have to be
                within 0.001 of what the test says, whole numbers and texts equal. [What the reasons mean](onnx.md#what-it-cannot).

                %,d of %,d pass.

                | outcome | tests | for instance |
                |---|--:|---|
                | passed | %,d | |
                """.formatted(
                        System.getProperty("cresset.onnx.package"),
                        new OnnxProvider().open().facts().get("ONNX Runtime"),
                        passed,
                        outcomes.size(),
                        passed));
        byReason.entrySet().stream()
                .filter(entry -> !entry.getKey().equals("passed"))
                .sorted(Comparator.comparing((Map.Entry<String, List<String>> entry) ->
                                -entry.getValue().size())
                        .thenComparing(Map.Entry::getKey))
                .forEach(entry -> page.append("| %s | %,d | %s |%n"
                        .formatted(
                                entry.getKey().replace("|", "/"),
                                entry.getValue().size(),
                                entry.getValue().stream()
                                        .limit(3)
                                        .map(name -> "`" + name.replaceFirst("^test_", "") + "`")
                                        .collect(Collectors.joining(", ")))));
        return page.toString();
    }
}
