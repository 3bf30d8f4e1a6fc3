package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Settings in YAML that must be refused, each in a zip, a tar and a folder. */
final class HostileConfigs {
    private static final String MANIFEST =
            "{\"model\": {\"modelName\": \"m\", \"modelVersion\": \"1.0\", \"configFile\": \"c.yaml\"}}";

    private HostileConfigs() {}

    static Stream<HostileCase> all() {
        return Stream.of(syntax(), types(), bombs()).flatMap(List::stream);
    }

    private static List<HostileCase> syntax() {
        List<HostileCase> cases = new ArrayList<>();
        for (String yaml : List.of(
                "- a list",
                "a single value",
                "a: b: c",
                "a: [",
                "a: {",
                "\"",
                "a: 'b",
                "\t",
                "a: \t- b",
                "{]",
                "%YAML 9.9\n---\na",
                "a: *unknown",
                "a: 1\n b: 2",
                "a: \u0001",
                "a: \u0000b",
                "--- \n--- \na: 1",
                "? [a, b]\n: 1",
                "? {a: b}\n: 1",
                "!!map [1]",
                "a: !!int x",
                "a: !!float x",
                "a: !!timestamp x",
                "a: !!binary x",
                "&a *a",
                "<<: 1",
                "<<: [1]",
                "a: !!set [1]",
                "a: !!omap {b: 1}",
                "a: !!pairs {b: 1}")) {
            all(cases, "text " + Refusals.quoted(yaml), Rule.CONFIG_SYNTAX, yaml);
        }
        return cases;
    }

    /** Tags that make other parsers call a constructor. */
    private static List<HostileCase> types() {
        List<HostileCase> cases = new ArrayList<>();
        for (String tag : List.of(
                "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://localhost/\"]]]]",
                "!!java.io.FileOutputStream [/tmp/cresset-was-here]",
                "!!java.net.URL [\"http://localhost/\"]",
                "!!java.lang.String x",
                "!!java.util.Date 1",
                "!!com.sun.rowset.JdbcRowSetImpl {dataSourceName: 'ldap://localhost/x', autoCommit: true}",
                "!!python/object/apply:os.system [id]",
                "!!python/tuple [1]",
                "!local x",
                "!<tag:yaml.org,2002:java.lang.Thread> {}")) {
            all(cases, "type " + Refusals.quoted(tag), Rule.CONFIG_SYNTAX, "a: " + tag);
            all(cases, "type " + Refusals.quoted(tag) + " as the whole", Rule.CONFIG_SYNTAX, tag);
        }
        return cases;
    }

    private static List<HostileCase> bombs() {
        List<HostileCase> cases = new ArrayList<>();
        all(cases, "a billion laughs", Rule.CONFIG_SYNTAX, laughs(10, 10));
        all(cases, "a billion laughs in few aliases", Rule.LIMIT, laughs(24, 2));
        all(cases, "a billion laughs as a key", Rule.CONFIG_SYNTAX, laughs(24, 2) + "? *l23\n: 1\n");
        all(cases, "a billion laughs in a set", Rule.CONFIG_SYNTAX, laughs(24, 2) + "s: !!set {? *l23}\n");
        all(cases, "a billion laughs in an ordered map", Rule.CONFIG_SYNTAX, laughs(24, 2) + "s: !!omap [*l23: 1]\n");
        all(cases, "a billion laughs in pairs", Rule.CONFIG_SYNTAX, laughs(24, 2) + "s: !!pairs [*l23: *l23]\n");
        all(cases, "many aliases", Rule.CONFIG_SYNTAX, "a: &a [1]\nb: [" + "*a, ".repeat(1000) + "1]");
        all(cases, "list that holds itself", Rule.LIMIT, "a: &a [*a]");
        all(cases, "mapping that holds itself", Rule.LIMIT, "a: &a {b: *a}");
        all(cases, "whole that holds itself", Rule.LIMIT, "&a {b: *a}");
        all(cases, "mapping that is its own key", Rule.CONFIG_SYNTAX, "a: &a {*a : 1}");
        all(cases, "list that is its own key", Rule.CONFIG_SYNTAX, "a: &a {[*a] : 1}");
        all(cases, "merges in merges", Rule.LIMIT, merges(45));
        all(cases, "lists in lists", Rule.CONFIG_SYNTAX, "a: " + "[".repeat(100_000) + "]".repeat(100_000));
        all(cases, "lists in lists without end", Rule.CONFIG_SYNTAX, "[".repeat(1 << 18));
        all(cases, "mappings in mappings", Rule.CONFIG_SYNTAX, "{a: ".repeat(60_000));
        all(cases, "lists in lists by indentation", Rule.CONFIG_SYNTAX, "- ".repeat(1 << 17));
        all(cases, "keys in keys", Rule.CONFIG_SYNTAX, "? ".repeat(1 << 17));
        all(cases, "values in values", Rule.CONFIG_SYNTAX, "a: ".repeat(80_000));
        all(cases, "deeper than 50 by aliases", Rule.LIMIT, "a: &a " + nested(30, "1") + "\nb: " + nested(30, "*a"));
        all(cases, "more than a quarter of a mebibyte", Rule.LIMIT, "a: " + "x".repeat(1 << 18));
        all(cases, "20 mebibytes of space", Rule.LIMIT, " ".repeat(20 << 20));
        all(cases, "130,000 values", Rule.LIMIT, "a: [" + "1,".repeat(130_000) + "1]");
        all(cases, "whole number of 200,000 digits", Rule.CONFIG_SYNTAX, "a: !!int 1" + "0".repeat(200_000));
        all(cases, "hexadecimal number of 200,000 digits", Rule.CONFIG_SYNTAX, "a: !!int 0x" + "f".repeat(200_000));
        all(cases, "number of 100,000 sixties", Rule.CONFIG_SYNTAX, "a: !!int 1" + ":59".repeat(80_000));
        all(cases, "number of 200,000 places", Rule.CONFIG_SYNTAX, "a: !!float 0." + "1".repeat(200_000));
        all(cases, "key of 200,000 digits", Rule.CONFIG_SYNTAX, "!!int 1" + "0".repeat(200_000) + ": a");
        all(
                cases,
                "anchor of 200,000 characters that nothing uses",
                Rule.CONFIG_SYNTAX,
                "a: &" + "a".repeat(200_000) + " [");
        all(cases, "tag of 200,000 characters", Rule.CONFIG_SYNTAX, "a: !!" + "a".repeat(200_000) + " b");
        return cases;
    }

    /** Lists of lists, each of which stands several times in the next. */
    private static String laughs(int levels, int times) {
        return "l0: &l0 [lol]\n"
                + IntStream.range(1, levels)
                        .mapToObj(i -> "l" + i + ": &l" + i + " ["
                                + Stream.generate(() -> "*l" + (i - 1))
                                        .limit(times)
                                        .collect(Collectors.joining(", "))
                                + "]\n")
                        .collect(Collectors.joining());
    }

    /** Mappings, each of which is merged into the next twice, with a key more. */
    private static String merges(int levels) {
        return "l0: &l0 {"
                + IntStream.range(0, 5_000).mapToObj(i -> "k" + i + ": 1").collect(Collectors.joining(", ")) + "}\n"
                + IntStream.range(1, levels)
                        .mapToObj(i -> "l" + i + ": &l" + i + " {<<: *l" + (i - 1) + ", m" + i + ": 1}\n")
                        .collect(Collectors.joining());
    }

    private static String nested(int levels, String inner) {
        return "[".repeat(levels) + inner + "]".repeat(levels);
    }

    private static void all(List<HostileCase> cases, String title, Rule rule, String yaml) {
        cases.add(new HostileCase(
                "settings in a zip: " + title,
                rule,
                directory ->
                        HostileZip.withManifest(MANIFEST).stored("c.yaml", yaml).in(directory)));
        cases.add(new HostileCase(
                "settings in a tar: " + title,
                rule,
                directory ->
                        HostileTar.withManifest(MANIFEST).file("m/c.yaml", yaml).in(directory)));
        cases.add(new HostileCase(
                "settings in a folder: " + title,
                rule,
                directory -> HostileFolder.withManifest(MANIFEST)
                        .file("c.yaml", yaml)
                        .in(directory)));
    }
}
