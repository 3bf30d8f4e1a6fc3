package dev.cresset.mar;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Manifests that must be refused, each in a zip, a tar and a folder. */
final class HostileManifests {
    private static final String MODEL = "\"modelName\": \"m\", \"modelVersion\": \"1.0\"";

    private HostileManifests() {}

    static Stream<HostileCase> all() {
        return Stream.of(syntax(), bombs(), fields(), references()).flatMap(List::stream);
    }

    private static List<HostileCase> syntax() {
        List<HostileCase> cases = new ArrayList<>();
        for (String json : List.of(
                "",
                " ",
                "{",
                "}",
                "[]",
                "null",
                "1",
                "\"text\"",
                "{}{}",
                "{} x",
                "{\"model\": }",
                "nul",
                "{\"a\" 1}",
                "\0",
                "{\"model\": {" + MODEL + "}",
                "<html>",
                "PK\3\4")) {
            all(cases, "text " + Refusals.quoted(json), Rule.MANIFEST_SYNTAX, json);
        }
        cases.add(zip("UTF-16", Rule.MANIFEST_SYNTAX, HostileZip.MANIFEST.getBytes(UTF_16)));
        cases.add(zip("no text", Rule.MANIFEST_SYNTAX, new byte[] {(byte) 0xff, 0, (byte) 0xfe}));
        return cases;
    }

    private static List<HostileCase> bombs() {
        List<HostileCase> cases = new ArrayList<>();
        all(cases, "101 lists deep", Rule.MANIFEST_SYNTAX, with("[".repeat(100) + "]".repeat(100)));
        all(cases, "100,000 lists deep", Rule.MANIFEST_SYNTAX, with("[".repeat(100_000) + "]".repeat(100_000)));
        all(
                cases,
                "100,000 objects deep",
                Rule.MANIFEST_SYNTAX,
                with("{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000)));
        all(cases, "lists without end", Rule.MANIFEST_SYNTAX, "[".repeat(1 << 19));
        all(cases, "more than a mebibyte", Rule.LIMIT, with("\"" + "x".repeat(1 << 20) + "\""));
        all(cases, "20 mebibytes of space", Rule.LIMIT, " ".repeat(20 << 20));
        for (String number : List.of("1e999999999", "1e-999999999", "1E+2147483648", "-1e99999", "0e1000000000")) {
            all(cases, "number " + number, Rule.MANIFEST_SYNTAX, with(number));
        }
        all(cases, "number of a million digits", Rule.MANIFEST_SYNTAX, with("1".repeat(1_000_000)));
        all(cases, "number of a million places", Rule.MANIFEST_SYNTAX, with("0." + "1".repeat(1_000_000)));
        all(cases, "key of 100,000 characters", Rule.MANIFEST_SYNTAX, "{\"" + "k".repeat(100_000) + "\": 1}");
        all(cases, "half a million values", Rule.LIMIT, with("[" + "1,".repeat(500_000) + "1]"));
        all(cases, "300,000 lists", Rule.LIMIT, with("[" + "[],".repeat(300_000) + "1]"));
        return cases;
    }

    /** A right manifest, but for one more value. */
    private static String with(String value) {
        return "{\"model\": {" + MODEL + "}, \"extra\": " + value + "}";
    }

    private static List<HostileCase> fields() {
        List<HostileCase> cases = new ArrayList<>();
        for (String json : List.of(
                "{}",
                "{\"model\": null}",
                "{\"model\": []}",
                "{\"model\": \"m\"}",
                "{\"model\": {}}",
                "{\"model\": {\"modelName\": \"m\"}}",
                "{\"model\": {\"modelName\": \"\", \"modelVersion\": \"1\"}}",
                "{\"model\": {\"modelName\": {}, \"modelVersion\": \"1\"}}",
                "{\"model\": {\"modelName\": \"m\", \"modelVersion\": []}}",
                "{\"model\": {" + MODEL + ", \"handler\": {}}}",
                "{\"model\": {" + MODEL + "}, \"runtime\": \"java\"}",
                "{\"model\": {" + MODEL + "}, \"runtime\": \"Python\"}")) {
            all(cases, "fields " + Refusals.quoted(json), Rule.MANIFEST_FIELD, json);
        }
        return cases;
    }

    private static List<HostileCase> references() {
        List<HostileCase> cases = new ArrayList<>();
        for (String field : List.of("serializedFile", "modelFile", "requirementsFile", "configFile")) {
            for (String name : List.of(
                    "/etc/passwd",
                    "../x",
                    "..",
                    ".",
                    "a/b",
                    "a\\b",
                    "C:x",
                    "\\\\host\\x",
                    "con",
                    "nul.pt",
                    "x.",
                    "x ",
                    "x:y",
                    "a\nb",
                    "gone.pt",
                    "MAR-INF/MANIFEST.json",
                    "n".repeat(100_000))) {
                String json = "{\"model\": {" + MODEL + ", \"" + field + "\": \""
                        + name.replace("\\", "\\\\").replace("\n", "\\n") + "\"}}";
                all(cases, field + " " + Refusals.quoted(name), Rule.MANIFEST_REFERENCE, json);
            }
        }
        return cases;
    }

    private static void all(List<HostileCase> cases, String title, Rule rule, String json) {
        cases.add(zip(title, rule, json.getBytes(UTF_8)));
        cases.add(new HostileCase(
                "manifest in a tar: " + title,
                rule,
                directory -> HostileTar.withManifest(json).in(directory)));
        cases.add(new HostileCase(
                "manifest in a folder: " + title,
                rule,
                directory -> HostileFolder.withManifest(json).in(directory)));
    }

    private static HostileCase zip(String title, Rule rule, byte[] json) {
        return new HostileCase(
                "manifest in a zip: " + title,
                rule,
                directory -> new HostileZip().stored(ManifestReader.ENTRY, json).in(directory));
    }
}
