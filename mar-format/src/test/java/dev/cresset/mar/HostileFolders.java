package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.manifest.ManifestReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Unpacked archives that must be refused; they need a system where names may hold anything, with links and pipes. */
final class HostileFolders {
    private HostileFolders() {}

    static Stream<HostileCase> all() {
        return Stream.of(names(), clashes(), links(), sizes()).flatMap(List::stream);
    }

    private static List<HostileCase> names() {
        List<HostileCase> cases = new ArrayList<>();
        for (String name : HostileNames.NAMES) {
            if (isPossible(name)) {
                cases.add(
                        folder("name " + Refusals.quoted(name), Rule.ENTRY_NAME, folder -> folder.file(name, "evil")));
            }
        }
        cases.add(folder("deep name", Rule.LIMIT, folder -> folder.file("d/".repeat(33) + "x", "")));
        cases.add(folder("very deep name", Rule.LIMIT, folder -> folder.file("d/".repeat(300) + "x", "")));
        cases.add(folder(
                "long name",
                Rule.LIMIT,
                f -> f.file("n".repeat(200) + "/" + "n".repeat(200) + "/" + "n".repeat(200), "")));
        return cases;
    }

    /** Says whether Unix can have a file of that name, below a folder. */
    private static boolean isPossible(String name) {
        return name.indexOf('\0') < 0
                && Stream.of(name.split("/", -1))
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }

    private static List<HostileCase> clashes() {
        return HostileNames.CLASHES.stream()
                .filter(clash -> !clash.get(0).equals(clash.get(1)))
                .map(clash -> folder(
                        "clash of " + Refusals.listed(clash),
                        Rule.NAME_CLASH,
                        folder -> folder.file(clash.get(0), "1").file(clash.get(1), "2")))
                .toList();
    }

    private static List<HostileCase> links() {
        List<HostileCase> cases = new ArrayList<>();
        for (String target : List.of(
                "/etc/passwd",
                "/etc",
                "/",
                "/dev/null",
                "/dev/zero",
                "..",
                "../..",
                "../canary",
                "../m-other/../canary",
                "gone",
                "x",
                ".",
                "./x",
                "/gone/" + "n".repeat(300),
                "MAR-INF/..")) {
            cases.add(folder("link to " + target, Rule.UNSUPPORTED_ENTRY, folder -> folder.link("x", target)));
        }
        cases.add(folder(
                "link that leaves by another",
                Rule.UNSUPPORTED_ENTRY,
                folder -> folder.link("a", "b").link("b", "../canary")));
        cases.add(folder(
                "links in a circle",
                Rule.UNSUPPORTED_ENTRY,
                folder -> folder.link("a", "b").link("b", "a")));
        cases.add(
                folder("link to the folder above it", Rule.UNSUPPORTED_ENTRY, folder -> folder.link("a/b/c", "../..")));
        cases.add(folder(
                "folders that hold each other",
                Rule.LIMIT,
                folder -> folder.file("a/x", "")
                        .file("b/x", "")
                        .link("a/b", "../b")
                        .link("b/a", "../a")));
        cases.add(folder("links that multiply", Rule.LIMIT, folder -> {
            for (int level = 0; level < 12; level++) {
                for (int i = 0; i < 8; i++) {
                    folder.link("l" + level + "/" + i, "../l" + (level + 1));
                }
            }
            folder.file("l12/x", "");
        }));
        cases.add(folder("pipe", Rule.UNSUPPORTED_ENTRY, folder -> folder.pipe("x")));
        cases.add(folder(
                "link to a pipe",
                Rule.UNSUPPORTED_ENTRY,
                folder -> folder.link("a", "x").pipe("x")));
        cases.add(folder("socket", Rule.UNSUPPORTED_ENTRY, folder -> folder.socket("x")));
        cases.add(new HostileCase(
                "folder: manifest is a pipe",
                Rule.UNSUPPORTED_ENTRY,
                directory -> new HostileFolder().pipe(ManifestReader.ENTRY).in(directory)));
        cases.add(new HostileCase(
                "folder: manifest is elsewhere",
                Rule.UNSUPPORTED_ENTRY,
                directory -> new HostileFolder()
                        .link("MAR-INF", "/etc")
                        .file("x", "")
                        .in(directory)));
        return cases;
    }

    private static List<HostileCase> sizes() {
        return List.of(
                folder("4 GiB and a byte", Rule.LIMIT, folder -> folder.sparse("x", (4L << 30) + 1)),
                folder(
                        "12 GiB in all",
                        Rule.LIMIT,
                        folder -> folder.sparse("x", 4L << 30)
                                .sparse("y", 4L << 30)
                                .sparse("z", 4L << 30)),
                folder("one file many times", Rule.LIMIT, folder -> {
                    folder.sparse("x", 4L << 30);
                    IntStream.range(0, 9).forEach(i -> folder.link("l" + i, "x"));
                }));
    }

    /** A right folder with more beside its manifest. */
    private static HostileCase folder(String title, Rule rule, Consumer<HostileFolder> more) {
        return new HostileCase("folder: " + title, rule, directory -> {
            HostileFolder folder = HostileFolder.withManifest();
            more.accept(folder);
            return folder.in(directory);
        });
    }
}
