package dev.cresset.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Prints what {@code run.sh} measured as a Markdown table: medians over all forks and iterations. */
public final class Table {

    private static final String[][] ROWS = {
        {"Cresset, bound call (tensors reused)", "CressetBenchmark.boundCall"},
        {"Cresset, `forward` (new output tensor)", "CressetBenchmark.forward"},
        {"Cresset, `Predictor` (array in, array out)", "CressetBenchmark.predict"},
        {"C++ loop, frozen module", "loop.forward"},
        {"JavaCPP presets, frozen", "PresetsBenchmark.frozen"},
        {"JavaCPP presets, as is", "PresetsBenchmark.asIs"},
        {"DJL, `NDList` reused", "DjlBenchmark.reusedNdList"},
        {"DJL, translator (array in, array out)", "DjlBenchmark.translator"},
        {"ONNX Runtime, tensors reused", "OnnxRuntimeBenchmark.reusedTensors"},
        {"ONNX Runtime, new tensors", "OnnxRuntimeBenchmark.newTensors"},
    };

    private static final String[][] ARCHIVE_ROWS = {
        {"Cresset", "OpenArchiveBenchmark.cresset"},
        {"Cresset, with SHA-256", "OpenArchiveBenchmark.cressetWithSha256"},
        {"`java.util.zip.ZipFile`", "OpenArchiveBenchmark.zipFile"},
        {"`java.util.zip.ZipInputStream`", "OpenArchiveBenchmark.zipInputStream"},
    };

    private Table() {}

    /** Prints the table of a results folder. */
    public static void main(String[] args) throws IOException {
        Path results = Path.of(args[0]);
        Map<String, Double> micros = new TreeMap<>();
        Map<String, Double> bytes = new TreeMap<>();
        readJmh(results.resolve("jmh.json"), micros, bytes);
        if (micros.keySet().stream().anyMatch(key -> key.contains("ThreadGrid"))) {
            micros.forEach((key, value) -> System.out.printf(Locale.ROOT, "%-70s %8.1f%n", key, value));
            return;
        }
        if (micros.keySet().stream().anyMatch(key -> key.contains("OpenArchive"))) {
            printArchives(micros, bytes);
            return;
        }
        readLoop(results.resolve("loop.txt"), micros);
        System.out.println("| one call, one thread | MLP 16-32-32-4, µs | heap, bytes | ResNet-18, ms | heap, bytes |");
        System.out.println("|---|---:|---:|---:|---:|");
        for (String[] row : ROWS) {
            System.out.printf(
                    "| %s | %s | %s | %s | %s |%n",
                    row[0],
                    cell("%.2f", micros.get(row[1] + " MLP"), 1),
                    cell("%.0f", bytes.get(row[1] + " MLP"), 1),
                    cell("%.2f", micros.get(row[1] + " RESNET18"), 1e-3),
                    cell("%.0f", bytes.get(row[1] + " RESNET18"), 1));
        }
        printMachine();
    }

    private static void printMachine() throws IOException {
        System.out.printf(
                "%n%s, %d cores; %s %s; medians.%n",
                cpu(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.name"),
                System.getProperty("java.version"));
    }

    private static void printArchives(Map<String, Double> micros, Map<String, Double> bytes) throws IOException {
        System.out.println(
                "| open an archive, read its manifest | 1 MB, µs | bytes | 10 MB | bytes | 100 MB | bytes |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|");
        for (String[] row : ARCHIVE_ROWS) {
            System.out.print("| " + row[0]);
            for (String size : List.of(" 1", " 10", " 100")) {
                System.out.print(" | " + cell("%,.0f", micros.get(row[1] + size), 1) + " | "
                        + cell("%,.0f", bytes.get(row[1] + size), 1));
            }
            System.out.println(" |");
        }
        printMachine();
    }

    private static void readJmh(Path file, Map<String, Double> micros, Map<String, Double> bytes) {
        for (JsonNode one : new JsonMapper().readTree(file)) {
            String[] names = one.get("benchmark").asString().split("\\.", -1);
            StringBuilder key = new StringBuilder(names[names.length - 2] + "." + names[names.length - 1]);
            one.get("params").forEach(value -> key.append(' ').append(value.asString()));
            List<Double> raw = new ArrayList<>();
            one.get("primaryMetric").get("rawData").forEach(fork -> fork.forEach(value -> raw.add(value.asDouble())));
            micros.put(key.toString(), median(raw));
            for (String metric : List.of("gc.alloc.rate.norm", "file.read.norm")) {
                JsonNode counted = one.get("secondaryMetrics").get(metric);
                if (counted != null) {
                    bytes.put(key.toString(), counted.get("score").asDouble());
                }
            }
        }
    }

    private static void readLoop(Path file, Map<String, Double> micros) throws IOException {
        Map<String, List<Double>> rounds = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] words = line.split(" ", -1);
            rounds.computeIfAbsent("loop." + words[1] + " " + words[0], key -> new ArrayList<>())
                    .add(Double.parseDouble(words[2]));
        }
        rounds.forEach((key, values) -> micros.put(key, median(values)));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String cell(String format, @org.jspecify.annotations.Nullable Double value, double factor) {
        return value == null ? "" : String.format(Locale.ROOT, format, value * factor);
    }

    private static String cpu() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("unknown CPU");
    }
}
