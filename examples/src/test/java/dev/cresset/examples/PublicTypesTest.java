package dev.cresset.examples;

import static java.util.function.Predicate.not;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A public type is there to be used: an example or a page shows it, or it says here why users never name it. */
class PublicTypesTest {

    private static final Path ROOT =
            Path.of(System.getProperty("cresset.fixtures")).resolveSibling("");

    /** As in api.txt: {@code dev.cresset.tensor: public sealed interface Value extends AutoCloseable permits Tensor, ...}. */
    private static final Pattern TYPE = Pattern.compile(
            "(dev\\.cresset[\\w.]*): .*?(?:class|record|enum|interface) ([\\w.]+)[^\\n]*?(?: permits ([^\\n]*))?");

    /** What an engine implements, and its users never call. */
    private static final Set<String> FOR_ENGINES = Set.of(
            "CacheFolders",
            "Capability",
            "Engine",
            "EngineException",
            "EngineModel",
            "EngineOptions",
            "EngineProvider",
            "EngineSession",
            "LoadOptions",
            "ModelFormat",
            "ModelSource.InFile",
            "ModelSource.InMemory",
            "RowResampler");

    /** What the JDK's service loader, or Spring, finds by files in a jar. */
    private static final Set<String> FOUND_BY_NAME = Set.of(
            "BridgeProvider",
            "BuiltIns",
            "OnnxProvider",
            "PortableProvider",
            "CressetActuatorAutoConfiguration",
            "CressetAutoConfiguration",
            "CressetEmbeddingAutoConfiguration",
            "CressetHealthContributorAutoConfiguration",
            "CressetMetricsAutoConfiguration");

    /** What an application writes as properties, and reads as JSON. */
    private static final Set<String> WRITTEN_OTHERWISE = Set.of(
            "BootstrapMode",
            "CressetEmbeddingProperties",
            "CressetEndpoint",
            "CressetEndpoint.Candidate",
            "CressetEndpoint.Computation",
            "CressetEndpoint.Together",
            "CressetProperties",
            "PredictorProperties",
            "PredictorProperties.Input",
            "PredictorProperties.WarmUp");

    /** What is written as a lambda. */
    private static final Set<String> LAMBDAS = Set.of(
            "Handlers.Factory",
            "ModelRegistry.Opener",
            "OnFailure.Substitute",
            "Scoring.ArchiveHandlerFactory",
            "Scoring.Customizer",
            "Scoring.Joiner");

    /** Ends of PyTorch's schema, which who reads programs meets behind what ReadProgram shows. */
    private static final Set<String> ENDS_OF_THE_SCHEMA = Set.of(
            "ConstantValue",
            "Device",
            "Layout",
            "MemoryFormat",
            "NamedTupleDef",
            "SymBool",
            "SymBoolArgument",
            "SymExpr.Hint",
            "SymFloat",
            "SymFloatArgument",
            "SymIntArgument");

    private record Type(String packageName, String name, List<String> cases) {

        boolean isNamedIn(String text) {
            return Pattern.compile("\\b" + name.substring(name.lastIndexOf('.') + 1) + "\\b")
                    .matcher(text)
                    .find();
        }

        @Override
        public String toString() {
            return packageName + "." + name;
        }
    }

    private static List<Type> types() throws IOException {
        List<Type> types = new ArrayList<>();
        for (Path file : files(ROOT, "api.txt")) {
            Matcher lines = TYPE.matcher("");
            for (String line : Files.readAllLines(file)) {
                if (lines.reset(line).matches()) {
                    List<String> cases = lines.group(3) == null
                            ? List.of()
                            : Arrays.asList(lines.group(3).split(", "));
                    types.add(new Type(lines.group(1), lines.group(2), cases));
                }
            }
        }
        return types;
    }

    private static List<Path> files(Path folder, String end) throws IOException {
        try (Stream<Path> all = Files.find(folder, 12, (path, attributes) -> attributes.isRegularFile())) {
            return all.filter(path -> path.toString().endsWith(end))
                    .filter(path -> !path.toString().matches(".*[/\\\\](target|decisions)[/\\\\].*"))
                    .filter(not(path -> path.endsWith("PublicTypesTest.java")))
                    .sorted()
                    .toList();
        }
    }

    private static String shown() throws IOException {
        List<Path> papers = new ArrayList<>(files(ROOT.resolve("examples"), ".java"));
        papers.addAll(files(ROOT.resolve("docs"), ".md"));
        papers.add(ROOT.resolve("README.md"));
        StringBuilder text = new StringBuilder();
        for (Path paper : papers) {
            text.append(Files.readString(paper));
        }
        return text.toString();
    }

    private static boolean isNeverNamed(Type type) {
        return switch (type.packageName()) {
            case "dev.cresset.engine" -> FOR_ENGINES.contains(type.name());
            case "dev.cresset.pt2" -> ENDS_OF_THE_SCHEMA.contains(type.name());
            default ->
                Stream.of(FOUND_BY_NAME, WRITTEN_OTHERWISE, LAMBDAS).anyMatch(names -> names.contains(type.name()));
        };
    }

    @Test
    void everyPublicType_isShownByAnExampleOrAPage() throws IOException {
        List<Type> types = types();
        assertThat(types).hasSizeGreaterThan(300);
        Set<String> cases = new TreeSet<>();
        types.forEach(type -> cases.addAll(type.cases()));
        String shown = shown();

        assertThat(types.stream()
                        .filter(type -> !cases.contains(type.name())) // of a sealed type, which shows what it permits
                        .filter(not(PublicTypesTest::isNeverNamed))
                        .filter(type -> !type.isNamedIn(shown))
                        .map(Type::toString)
                        .collect(joining("\n")))
                .as("public types that nothing shows; write an example, or a line here why not")
                .isEmpty();
    }

    /** So that the lists above do not outlive what is in them. */
    @Test
    void whatIsNeverNamed_isThere() throws IOException {
        Set<String> there = new TreeSet<>();
        types().forEach(type -> there.add(type.name()));

        assertThat(there)
                .containsAll(FOR_ENGINES)
                .containsAll(FOUND_BY_NAME)
                .containsAll(WRITTEN_OTHERWISE)
                .containsAll(LAMBDAS)
                .containsAll(ENDS_OF_THE_SCHEMA);
    }
}
