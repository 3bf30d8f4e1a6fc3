package dev.cresset.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The papers can be read in an editor, and their links lead somewhere. */
class MarkdownTest {

    private static final int WIDTH = 120;
    private static final Path ROOT =
            Path.of(System.getProperty("cresset.fixtures")).resolveSibling("");

    static List<Path> papers() throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                boolean skipped = name.equals("target") || (name.startsWith(".") && !folder.equals(ROOT));
                return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".md")) {
                    found.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    /** But for conformance.md, which a script writes. */
    static List<Path> written() throws IOException {
        return papers().stream()
                .filter(paper -> !paper.endsWith("docs/conformance.md"))
                .toList();
    }

    /** Three things cannot be broken: code, rows of tables, and a line that is one word, such as an address. */
    @ParameterizedTest
    @MethodSource("written")
    void everyLine_isAtMost120Wide_codeAndTablesExcepted(Path paper) throws IOException {
        List<String> wide = new ArrayList<>();
        boolean code = false;
        for (String line : Files.readAllLines(paper)) {
            if (line.strip().startsWith("```")) {
                code = !code;
            } else if (!code && isText(line) && line.codePointCount(0, line.length()) > WIDTH) {
                wide.add(line);
            }
        }
        assertThat(wide).isEmpty();
    }

    private static boolean isText(String line) {
        return !line.startsWith("    ")
                && !line.strip().startsWith("|")
                && line.strip().contains(" ");
    }

    @ParameterizedTest
    @MethodSource("papers")
    void everyLinkToAFile_leadsToOne(Path paper) throws IOException {
        Matcher links = Pattern.compile("\\]\\(([^)\\s]+)\\)").matcher(Files.readString(paper));
        List<String> dead = new ArrayList<>();
        while (links.find()) {
            String file = links.group(1).replaceAll("#.*", "");
            boolean elsewhere = file.isEmpty() || file.contains("://");
            if (!elsewhere && !Files.exists(paper.resolveSibling(file))) {
                dead.add(links.group(1));
            }
        }
        assertThat(dead).isEmpty();
    }
}
