package dev.cresset.torch;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bridge's C++ keeps to the rooms of its {@code README.md}. */
class CppRoomsTest {

    private static final Path ROOT = Path.of("src", "main", "cpp");
    private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\|.*\\|(.*)\\|$", Pattern.MULTILINE);
    private static final Pattern ROOM = Pattern.compile("`(\\w+)`");
    private static final Pattern INCLUDE = Pattern.compile("^\\s*#include \"([^\"]*)\"", Pattern.MULTILINE);

    /** What each room may include, in the README's order. */
    private final Map<String, Set<String>> allowed = new TreeMap<>();

    @BeforeEach
    void readTable() throws IOException {
        Matcher row = ROW.matcher(Files.readString(ROOT.resolve("README.md")));
        while (row.find()) {
            String room = row.group(1);
            Set<String> above = row.group(2).contains("all of the above")
                    ? new TreeSet<>(allowed.keySet())
                    : names(ROOM.matcher(row.group(2)));
            assertThat(allowed.keySet())
                    .as(room + " includes rooms above it alone")
                    .containsAll(above);
            allowed.put(room, above);
        }
    }

    @Test
    void everyFile_isInARoomOfTheReadme() throws IOException {
        Set<String> rooms = new TreeSet<>();
        for (Path source : sources()) {
            Path name = ROOT.relativize(source);
            assertThat(name.getNameCount())
                    .as(name + " is in a room, and rooms have none inside")
                    .isEqualTo(2);
            rooms.add(name.getName(0).toString());
        }

        assertThat(rooms).isEqualTo(allowed.keySet());
    }

    @Test
    void includes_arePathsFromTheRoot() throws IOException {
        for (Path source : sources()) {
            for (String include : includes(source)) {
                assertThat(ROOT.resolve(include))
                        .as("what " + source + " includes")
                        .isRegularFile();
            }
        }
    }

    @Test
    void includes_goTheReadmesWay() throws IOException {
        List<String> forbidden = new ArrayList<>();
        for (Path source : sources()) {
            String room = ROOT.relativize(source).getName(0).toString();
            for (String include : includes(source)) {
                String other = include.substring(0, Math.max(0, include.indexOf('/')));
                if (!other.equals(room) && !allowed.getOrDefault(room, Set.of()).contains(other)) {
                    forbidden.add(source + " includes " + include);
                }
            }
        }

        assertThat(forbidden).isEmpty();
    }

    /** But where a walk follows the flow of control, as that over effects does. */
    @Test
    void nodes_areWalkedInOnePlace() throws IOException {
        List<String> walks = new ArrayList<>();
        for (Path source : sources()) {
            if (Files.readString(source).contains("->nodes()")) {
                walks.add(ROOT.relativize(source).toString().replace('\\', '/'));
            }
        }

        assertThat(walks).containsExactlyInAnyOrder("analysis/effects.cpp", "graph/walk.h");
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().matches(".*\\.(cpp|h)"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> includes(Path source) throws IOException {
        return INCLUDE.matcher(Files.readString(source))
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    private static Set<String> names(Matcher matcher) {
        return matcher.results().map((MatchResult found) -> found.group(1)).collect(toCollection(TreeSet::new));
    }
}
