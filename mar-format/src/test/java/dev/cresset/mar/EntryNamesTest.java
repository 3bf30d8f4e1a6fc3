package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that would be another file, or no file, somewhere. */
class EntryNamesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "/etc/passwd, is an absolute path",
        "//server/share, is an absolute path",
        "../evil.py, climbs out of the archive",
        "a/../../evil.py, climbs out of the archive",
        "a/.., climbs out of the archive",
        "../, climbs out of the archive",
        "C:/evil.py, has a colon",
        "model.pt:stream, has a colon",
        "a\\b, has a backslash",
        "..\\evil.py, has a backslash",
        "\\\\server\\share, has a backslash",
        "./model.py, has an empty or '.' part",
        "a//b, has an empty or '.' part",
        "model.py., has a part that ends in a dot or a space",
        "'a /b', has a part that ends in a dot or a space",
        "'', has no name",
    })
    void open_unsafeName(String name, String expected) {
        Path file = HostileZip.withManifest().stored(name, "x").in(directory);

        Refused.opening(file, Rule.ENTRY_NAME)
                .hasMessageContaining("entry '" + name + "' " + expected)
                .hasMessageContaining("expected a plain relative path")
                .satisfies(refusal -> assertThat(refusal.entry()).contains(name));
    }

    @ParameterizedTest
    @ValueSource(chars = {'\0', '\n', '\u001b', '\u007f', '\u0085'})
    void open_controlCharacter(char control) {
        Path file =
                HostileZip.withManifest().stored("model" + control + ".pt", "x").in(directory);

        Refused.opening(file, Rule.ENTRY_NAME)
                .hasMessageContaining(String.format("entry 'model\\u%04x.pt' has a control character", (int) control));
    }

    @Test
    void open_backslashFromWindows() {
        // The parser would turn it into a slash if the zip says it was made there.
        Path file =
                HostileZip.withManifest().stored("a\\b", "x").madeOnWindows().in(directory);

        Refused.opening(file, Rule.ENTRY_NAME).hasMessageContaining("has a backslash");
    }

    @Test
    void open_nameThatIsNotUtf8() {
        Path file = HostileZip.withManifest()
                .stored("model", "x", part -> part.name = new byte[] {'m', (byte) 0xff})
                .in(directory);

        Refused.opening(file, Rule.ENTRY_NAME).hasMessageContaining("not UTF-8");
    }

    @Test
    void open_nameTooLong() {
        Path file = HostileZip.withManifest().stored("m".repeat(513), "x").in(directory);

        Refused.opening(file, Rule.LIMIT)
                .hasMessageContaining("entry '" + "m".repeat(120) + "...'")
                .hasMessageContaining("513 characters, more than 512; raise ArchiveLimits.maxNameLength");
    }

    @Test
    void open_duplicate() {
        Path file = HostileZip.withManifest()
                .stored("model.pt", "approved")
                .stored("model.pt", "other")
                .in(directory);

        Refused.opening(file, Rule.NAME_CLASH).hasMessageContaining("entry 'model.pt' is in the archive twice");
    }

    @ParameterizedTest
    @CsvSource({"model.pt, Model.PT", "stra\u00dfe, STRASSE", "caf\u00e9, cafe\u0301", "\u017f, s", "a/b, A/B"})
    void open_sameWhereCaseDoesNotCount(String one, String other) {
        Path file =
                HostileZip.withManifest().stored(one, "1").stored(other, "2").in(directory);

        Refused.opening(file, Rule.NAME_CLASH)
                .hasMessageContaining("entry '" + other + "' and entry '" + one + "' are one file");
    }

    @ParameterizedTest
    @CsvSource({"a, a/b", "a/b, A", "a/, a", "x/y, x/y/z/"})
    void open_fileThatIsAFolder(String one, String other) {
        Path file = HostileZip.withManifest().stored(one, "").stored(other, "").in(directory);

        Refused.opening(file, Rule.NAME_CLASH).hasMessageContaining("is a file, and also the folder of");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aux.py",
                "CON",
                "code/nul",
                "COM1.txt",
                "lpt9.tar.gz",
                "com\u00b9",
                "conin$",
                "prn .txt",
                "nul/a"
            })
    void open_windowsDevice(String name) {
        Path file = HostileZip.withManifest().stored(name, "").in(directory);

        Refused.opening(file, Rule.ENTRY_NAME).hasMessageContaining("has a part that is the name of a Windows device");
    }

    @Test
    void open_tooDeep() throws IOException {
        Path file = HostileZip.withManifest().stored("a/b/c", "").in(directory);

        ModelArchive.open(file, ArchiveLimits.builder().maxDepth(2).build()).close();
        Refused.opening(file, ArchiveLimits.builder().maxDepth(1).build(), Rule.LIMIT)
                .hasMessageContaining("entry 'a/b/c' lies 2 folders deep, more than 1; raise ArchiveLimits.maxDepth");
    }

    @Test
    void open_fairNames() throws IOException {
        Path file = HostileZip.withManifest()
                .stored("..model", "1")
                .stored("a..b", "2")
                .stored("a b/.hidden", "3")
                .stored("a b-c", "4")
                .stored("auxiliary.py", "5")
                .stored("\u6a21\u578b.pt", "6")
                .stored("dir/", "")
                .stored("dir/", "")
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.entries())
                    .containsExactly(
                            ManifestReader.ENTRY,
                            "..model",
                            "a..b",
                            "a b/.hidden",
                            "a b-c",
                            "auxiliary.py",
                            "\u6a21\u578b.pt");
            assertThat(archive.read("\u6a21\u578b.pt")).asString(UTF_8).isEqualTo("6");
        }
    }
}
