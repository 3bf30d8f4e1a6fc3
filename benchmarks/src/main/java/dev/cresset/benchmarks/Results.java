package dev.cresset.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code run.sh} measured: a median over all forks and iterations for each way, model, batch and number of threads. JMH's
 * files, {@code loop.txt} and {@code images.txt} are read alike.
 */
final class Results {
    private final Map<String, List<Double>> scores = new TreeMap<>();
    private final Map<String, Double> bytes = new TreeMap<>();

    private Results() {}

    static Results in(Path folder) throws IOException {
        Results results = new Results();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                JsonNode runs = new JsonMapper().readTree(file);
                for (JsonNode run : runs) {
                    if (run.has("benchmark")) { // other scripts leave files here, too
                        results.addJmh(run);
                    }
                }
            }
        }
        results.addLines(folder.resolve("loop.txt"));
        results.addLines(folder.resolve("images.txt"));
        return results;
    }

    private void addLines(Path file) throws IOException {
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                int last = line.lastIndexOf(' ');
                add(line.substring(0, last), Double.parseDouble(line.substring(last + 1)));
            }
        }
    }

    private void addJmh(JsonNode run) {
        String[] names = run.get("benchmark").asString().split("\\.", -1);
        StringBuilder key = new StringBuilder(names[names.length - 2] + "." + names[names.length - 1]);
        JsonNode params = run.path("params");
        for (String name : List.of(
                "model", "form", "maxBatch", "batch", "callers", "intraOpThreads", "megabytes", "size", "threads")) {
            if (params.has(name)) {
                key.append(' ').append(params.get(name).asString());
            }
        }
        if (run.get("mode").asString().equals("thrpt") && params.has("model")) {
            key.append(' ').append(run.get("threads").asInt());
        }
        run.get("primaryMetric")
                .get("rawData")
                .forEach(fork -> fork.forEach(value -> add(key.toString(), value.asDouble())));
        for (String metric : List.of("gc.alloc.rate.norm", "file.read.norm")) {
            JsonNode counted = run.get("secondaryMetrics").get(metric);
            if (counted != null) {
                bytes.put(key.toString(), counted.get("score").asDouble());
            }
        }
    }

    private void add(String key, double score) {
        scores.computeIfAbsent(key, name -> new ArrayList<>()).add(score);
    }

    /** Whether anything is known of a benchmark. */
    boolean has(String prefix) {
        return scores.keySet().stream().anyMatch(key -> key.startsWith(prefix));
    }

    /** The median: microseconds a call, or calls a second. */
    OptionalDouble score(String key) {
        List<Double> all = scores.get(key);
        if (all == null) {
            return OptionalDouble.empty();
        }
        List<Double> sorted = new ArrayList<>(all);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return OptionalDouble.of(
                sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2);
    }

    /** Bytes that a call allocated, or read. */
    OptionalDouble bytes(String key) {
        Double one = bytes.get(key);
        return one == null ? OptionalDouble.empty() : OptionalDouble.of(one);
    }
}
