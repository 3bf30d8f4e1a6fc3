package dev.cresset.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How the cases of a folder were made, what was left out of them, and what this machine is, in sentences. */
final class Provenance {

    private static final Path CPUS = Path.of("/proc/cpuinfo");

    private Provenance() {}

    static String of(Path folder) throws IOException {
        JsonNode summary = new JsonMapper().readTree(folder.resolve("summary.json"));
        JsonNode versions = summary.get("versions");
        List<String> left = new ArrayList<>();
        summary.get("left_out")
                .properties()
                .forEach(entry -> left.add(entry.getValue().asInt() + " " + entry.getKey()));
        return "Made with PyTorch " + versions.get("torch").asString() + " and Python "
                + versions.get("python").asString() + " from "
                + summary.get("entries").asInt() + " entries: "
                + summary.get("cases").asInt() + " cases. Noted on the way: " + String.join(", ", left) + ".\nRun on "
                + cpu()
                + " (PyTorch computes with " + versions.get("cpu").asString() + "), "
                + System.getProperty("os.name") + ", Java " + System.getProperty("java.version") + ".\n";
    }

    private static String cpu() throws IOException {
        String unknown = System.getProperty("os.arch");
        if (!Files.isReadable(CPUS)) {
            return unknown;
        }
        return Files.readAllLines(CPUS).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse(unknown);
    }
}
