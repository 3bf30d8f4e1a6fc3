package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a manifest may say and how, and the order in which it is refused. */
class ManifestTest {
    @TempDir
    Path directory;

    private Manifest manifest(String json) throws IOException {
        Path file = HostileZip.withManifest(json).stored("m.pt", "").in(directory);
        try (ModelArchive archive = ModelArchive.open(file)) {
            return archive.manifest();
        }
    }

    private AbstractThrowableAssert<?, ArchiveException> refused(String json, Rule rule) {
        Path file = HostileZip.withManifest(json).stored("m.pt", "").in(directory);
        return Refused.opening(file, rule)
                .satisfies(refusal -> assertThat(refusal.entry()).contains("MAR-INF/MANIFEST.json"));
    }

    @Test
    void open_lenientJson() throws IOException {
        Manifest manifest = manifest("""
                // by hand
                { # really
                  'model': {
                    modelName: 'digits', /* no quotes */
                    "modelVersion": 1.10,
                    "handler": "h",
                  },
                }
                """);

        assertThat(manifest.model().modelName()).isEqualTo("digits");
        assertThat(manifest.model().modelVersion()).isEqualTo("1.10");
        assertThat(manifest.runtime()).isEqualTo(ModelRuntime.PYTHON);
    }

    @Test
    void open_byteOrderMark() throws IOException {
        assertThat(manifest("\ufeff" + HostileZip.MANIFEST).model().modelName()).isEqualTo("m");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1.0, 1.0", "true, true", "12345678901234567890, 12345678901234567890", "'\"\"', ''"})
    void open_versionOfAnotherType(String json, String expected) throws IOException {
        Manifest manifest = manifest("{\"model\": {\"modelName\": \"m\", \"modelVersion\": " + json + "}}");

        assertThat(manifest.model().modelVersion()).isEqualTo(expected);
    }

    @Test
    void open_legacyManifest() throws IOException {
        Manifest manifest = manifest("""
                {
                  "specificationVersion": "1.0",
                  "license": "Apache 2.0",
                  "description": "numbers",
                  "userData": {"k": [1, 2.50, null, true], "gone": null},
                  "runtime": "python3",
                  "model": {
                    "modelName": "m", "modelVersion": "1.0", "handler": "h", "serializedFile": "m.pt",
                    "description": "model", "envelope": "kserve", "extensions": {"a": 1}, "sourceVocab": "v.pt"
                  }
                }
                """);

        assertThat(manifest.description()).contains("numbers");
        assertThat(manifest.createdOn()).isEmpty();
        assertThat(manifest.archiverVersion()).isEmpty();
        assertThat(manifest.other())
                .containsExactly(
                        entry("specificationVersion", "1.0"),
                        entry("license", "Apache 2.0"),
                        entry("userData", Map.of("k", Arrays.asList(1, new BigDecimal("2.50"), null, true))));
        assertThat(manifest.model().description()).contains("model");
        assertThat(manifest.model().envelope()).contains("kserve");
        assertThat(manifest.model().extensions()).contains(Map.of("a", 1));
        assertThat(manifest.model().other()).containsExactly(entry("sourceVocab", "v.pt"));
    }

    @Test
    void other_cannotBeChanged() throws IOException {
        Manifest manifest = manifest("{\"x\": [{}], " + HostileZip.MANIFEST.substring(1));

        assertThat(manifest.other()).isUnmodifiable();
        assertThat((List<?>) manifest.other().get("x")).isUnmodifiable();
        assertThat(manifest.model().other()).isUnmodifiable();
    }

    @Test
    void open_fieldWrittenTwice() throws IOException {
        Manifest manifest =
                manifest("{\"model\": {\"modelName\": \"a\", \"modelName\": \"b\", \"modelVersion\": \"1\"}}");

        assertThat(manifest.model().modelName())
                .as("the last, as in TorchServe")
                .isEqualTo("b");
    }

    @Test
    void open_withoutHandler() throws IOException {
        assertThat(manifest("{\"model\": {\"modelName\": \"a\", \"modelVersion\": \"1\"}}")
                        .model()
                        .handler())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {                               | is not valid JSON at line 1, column
                    {"model": {}} trailing          | is not valid JSON at line 1, column
                    ``                              | is not valid JSON at line 1, column
                    null                            | holds null, expected an object
                    [1]                             | holds a list, expected an object
                    "text"                          | holds a string, expected an object
                    """)
    void open_notAnObject(String json, String expected) {
        refused(json, Rule.MANIFEST_SYNTAX).hasMessageContaining("MAR-INF/MANIFEST.json " + expected);
    }

    @Test
    void open_valueWithoutQuotes() {
        refused("{\n  model: {modelName: digits}}", Rule.MANIFEST_SYNTAX)
                .hasMessageContaining(
                        " is not valid JSON at line 2, column 22 ('Unrecognized token 'digits': was expecting")
                .hasMessageEndingWith("'false')'); mend it and pack again");
    }

    @Test
    void open_deeplyNested() {
        refused("{\"x\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}", Rule.MANIFEST_SYNTAX)
                .hasMessageContaining("depth");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {}                                                              | has no 'model'
                    {"model": null, "runtime": "x"}                                 | has no 'model'
                    {"model": "digits"}                                             | field 'model' is a string, expected an object
                    {"model": {}, "runtime": "x"}                                   | has no 'model.modelName'
                    {"model": {"modelName": " "}}                                   | has no 'model.modelName'
                    {"model": {"modelName": ["m"]}}                                 | field 'model.modelName' is a list, expected a string
                    {"model": {"modelName": "m"}, "runtime": "x"}                   | has no 'model.modelVersion'
                    {"model": {"modelName": "m", "modelVersion": "1"}, "runtime": "Python"} | field 'runtime' is 'Python', expected one of python, python3, LSP
                    {"model": {"modelName": "m", "modelVersion": "1", "handler": {}}} | field 'model.handler' is an object, expected a string
                    """)
    void open_invalidField(String json, String expected) {
        refused(json, Rule.MANIFEST_FIELD)
                .hasMessageContaining("manifest " + expected)
                .hasMessageContaining("mend MAR-INF/MANIFEST.json and pack again");
    }

    @ParameterizedTest
    @CsvSource({
        "serializedFile, the model",
        "modelFile, the model's source",
        "requirementsFile, the requirements",
        "configFile, the settings"
    })
    void open_namedFileIsMissing(String field, String what) {
        refused(naming(field, "digits.pt"), Rule.MANIFEST_REFERENCE)
                .hasMessageContaining("manifest names " + what + " 'digits.pt' (" + field
                        + "), but the archive has no such entry; it holds: 'MAR-INF/MANIFEST.json', 'm.pt'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../m.pt", "/etc/passwd", "C:m.pt", "MAR-INF/MANIFEST.json", "..", "a\\\\b"})
    void open_namedFileIsNoPlainName(String name) {
        refused(naming("serializedFile", name), Rule.MANIFEST_REFERENCE)
                .hasMessageContaining("(serializedFile), expected the plain name of a file at the root of the archive");
    }

    @Test
    void open_namedFileIsEmptyText() throws IOException {
        assertThat(manifest(naming("configFile", "")).model().configFile()).isEmpty();
    }

    @Test
    void open_manyFilesBesideAMissingOne() {
        HostileZip zip = HostileZip.withManifest(naming("serializedFile", "digits.pt"));
        for (int i = 0; i < 20; i++) {
            zip.stored("file" + i, "");
        }

        Refused.opening(zip.in(directory), Rule.MANIFEST_REFERENCE)
                .hasMessageContaining("'file8' and 11 more")
                .hasMessageNotContaining("file9");
    }

    @Test
    void open_hostileTextInMessage() {
        refused(
                        "{\"model\": {\"modelName\": \"m\", \"modelVersion\": \"1\"}, \"runtime\": \"a\\nFAKE \\u202elog\"}",
                        Rule.MANIFEST_FIELD)
                .hasMessageContaining("'a\\u000aFAKE \\u202elog'");
    }

    @Test
    void open_manifestThatIsNotUtf8() throws IOException {
        byte[] latin = HostileZip.MANIFEST.replace("\"h\"", "\"h\u00e9\"").getBytes(StandardCharsets.ISO_8859_1);
        Path file = new HostileZip()
                .deflated(ManifestReader.ENTRY, latin, part -> {})
                .in(directory);

        try (ModelArchive archive = ModelArchive.open(file)) {
            assertThat(archive.manifest().model().handler())
                    .as("as TorchServe reads it")
                    .hasValue("h\ufffd");
        }
    }

    private static String naming(String field, String name) {
        return "{\"model\": {\"modelName\": \"m\", \"modelVersion\": \"1\", \"" + field + "\": \"" + name + "\"}}";
    }
}
