package dev.cresset.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Prints what {@code run.sh} measured as Markdown tables, and draws its plots. */
public final class Table {

    private static final String[][] MLP_ROWS = {
        {"Cresset, bound call (tensors reused)", "CressetBenchmark.boundCall"},
        {"Cresset, `Predictor` (array in, array out)", "CressetBenchmark.predict"},
        {"Cresset, `forward` (new output tensor)", "CressetBenchmark.forward"},
        {"Cresset, bound call of the frozen module", "CressetBenchmark.frozen"},
        {"C++ loop, frozen module", "loop.forward"},
        {"C++ loop, interpreter alone", "loop.run"},
        {"C++, the three linear operators alone", "loop.linear"},
        {"C++, the arithmetic alone (OpenBLAS)", "loop.sgemv"},
        {"JavaCPP presets, frozen", "PresetsBenchmark.frozen"},
        {"JavaCPP presets, as is", "PresetsBenchmark.asIs"},
        {"DJL, `NDList` reused", "DjlBenchmark.reusedNdList"},
        {"DJL, translator (array in, array out)", "DjlBenchmark.translator"},
        {"ONNX Runtime, tensors reused", "OnnxRuntimeBenchmark.reusedTensors"},
        {"ONNX Runtime, new tensors", "OnnxRuntimeBenchmark.newTensors"},
        {"Python, TorchScript frozen", "python.torchscript"},
        {"Python, `torch.compile`", "python.compile"},
    };

    static final String[][] MODEL_ROWS = {
        {"Cresset", "CressetBenchmark.boundCall"},
        {"Cresset, bfloat16", "Bfloat16Benchmark.boundCall"},
        {"C++ loop, frozen module", "loop.forward"},
        {"DJL", "DjlBenchmark.reusedNdList"},
        {"ONNX Runtime", "OnnxRuntimeBenchmark.reusedTensors"},
        {"Python, TorchScript frozen", "python.torchscript"},
        {"Python, `torch.compile`", "python.compile"},
    };

    private static final String[][] EXPORTED_ROWS = {
        {"traced", "TRACED"},
        {"exported", "EXPORTED"},
        {"exported, decomposed", "DECOMPOSED"},
    };

    private static final String[][] ARCHIVE_ROWS = {
        {"Cresset", "OpenArchiveBenchmark.cresset"},
        {"Cresset, with SHA-256", "OpenArchiveBenchmark.cressetWithSha256"},
        {"`java.util.zip.ZipFile`", "OpenArchiveBenchmark.zipFile"},
        {"`java.util.zip.ZipInputStream`", "OpenArchiveBenchmark.zipInputStream"},
    };

    private static final String[][] IMAGE_ROWS = {
        {"Cresset", "ImageToTensorBenchmark.toTensor"},
        {"of that, the JDK's decoder", "ImageToTensorBenchmark.jdkDecoder"},
        {"Pillow and torchvision", "python.toTensor"},
        {"of that, Pillow's decoder", "python.decoder"},
    };

    private static final String[][] MANY_ROWS = {
        {"Cresset, 16 futures each, batches of up to 64", "ManyCallersBenchmark.inFlight MLP 64 64"},
        {"Cresset, 16 futures each, no batches", "ManyCallersBenchmark.inFlight MLP 1 64"},
        {"Cresset, blocking, batches of up to 64", "ManyCallersBenchmark.blocking MLP 64 64"},
        {"Cresset, blocking, no batches", "ManyCallersBenchmark.blocking MLP 1 64"},
        {"DJL, blocking, a predictor each", "DjlCallersBenchmark.blocking MLP 64"},
        {"djl-serving's wlm, 16 futures each, batches of up to 64", "DjlServingBenchmark.inFlight MLP 64 64"},
        {"djl-serving's wlm, 16 futures each, no batches", "DjlServingBenchmark.inFlight MLP 1 64"},
        {"djl-serving's wlm, blocking, batches of up to 64", "DjlServingBenchmark.blocking MLP 64 64"},
        {"djl-serving's wlm, blocking, no batches", "DjlServingBenchmark.blocking MLP 1 64"},
        {"parking and waking alone", "ParkingBenchmark.parkAndWake"},
    };

    private static final List<String> MODELS = List.of("RESNET18", "MOBILENET", "TRANSFORMER");

    private final Results results;

    private Table(Results results) {
        this.results = results;
    }

    /** Prints the tables of a results folder. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Results results = Results.in(folder);
        Table table = new Table(results);
        table.print();
        table.printLoad(folder);
        System.out.printf(
                "%n%s, %d cores; %s %s; medians.%n",
                cpu(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.name"),
                System.getProperty("java.version"));
        if (results.has("CressetBenchmark")) {
            Files.writeString(folder.resolve("models.svg"), Plot.models(results, MODELS));
        }
    }

    private void printLoad(Path folder) throws IOException {
        List<String> ways = List.of("cresset-64", "cresset-1", "djl");
        Map<String, Map<String, String[]>> measured = new LinkedHashMap<>();
        for (String way : ways) {
            Path file = folder.resolve("load-" + way + ".txt");
            for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
                String[] cells = line.split(" ", -1);
                measured.computeIfAbsent(cells[1], rate -> new LinkedHashMap<>())
                        .put(way, cells);
            }
        }
        if (measured.isEmpty()) {
            return;
        }
        List<String> head = new ArrayList<>();
        ways.forEach(way -> head.addAll(List.of(way + ": p50", "p99", "rejected")));
        row("requests a second", head.toArray(String[]::new));
        measured.forEach((rate, byWay) -> {
            List<String> cells = new ArrayList<>();
            for (String way : ways) {
                String[] one = byWay.get(way);
                cells.addAll(one == null ? List.of("", "", "") : List.of(one[3], one[4], one[6]));
            }
            row(rate, cells.toArray(String[]::new));
        });
        Files.writeString(folder.resolve("load.svg"), LoadPlot.of(folder));
    }

    private void print() {
        if (results.has("CressetBenchmark.boundCall MLP 1 1")) {
            row("one call, one thread, MLP 16-32-32-4", "µs", "heap, bytes");
            for (String[] way : MLP_ROWS) {
                String key = way[1] + " MLP 1 1";
                row(way[0], cell("%.2f", results.score(key), 1), cell("%.0f", results.bytes(key), 1));
            }
            row("one call, one thread, ms", "ResNet-18", "MobileNetV3-small", "transformer, 4 layers");
            for (String[] way : MODEL_ROWS) {
                row(way[0], models(way[1]));
            }
            row("Cresset's time over DJL's", ratios("DjlBenchmark.reusedNdList", MODEL_ROWS[0][1]));
            row("Cresset's time over ONNX Runtime's", ratios("OnnxRuntimeBenchmark.reusedTensors", MODEL_ROWS[0][1]));
            row("bfloat16 over ONNX Runtime's float32", ratios("OnnxRuntimeBenchmark.reusedTensors", MODEL_ROWS[1][1]));
        }
        if (results.has("ExportedBenchmark")) {
            printExported();
        }
        if (results.has("CressetBenchmark.boundCall MLP 8 1")) {
            printGrid();
        }
        if (results.has("CallersBenchmark")) {
            row("calls a second, callers:", "1", "2", "4", "2 over 1");
            for (String model : List.of("MLP", "RESNET18", "MOBILENET", "TRANSFORMER")) {
                String key = "CallersBenchmark.boundCall " + model + " ";
                row(
                        model,
                        cell("%,.1f", results.score(key + 1), 1),
                        cell("%,.1f", results.score(key + 2), 1),
                        cell("%,.1f", results.score(key + 4), 1),
                        ratio(key + 2, key + 1));
            }
        }
        if (results.has("ManyCallersBenchmark")) {
            row("MLP, 64 callers", "answers a second", "of DJL's");
            for (String[] way : MANY_ROWS) {
                if (results.has(way[1])) {
                    row(way[0], cell("%,.0f", results.score(way[1]), 1), ratio(way[1], MANY_ROWS[4][1]));
                }
            }
            row("MLP, one caller", "µs an answer");
            row("batches of up to 64", lone("64"));
            row("no batches", lone("1"));
        }
        if (results.has("ThreadGridBenchmark")) {
            row("ResNet-18 a second; threads of one call:", "1", "2", "4");
            for (String callers : List.of("1", "2", "4")) {
                String key = "ThreadGridBenchmark.predictions " + callers + " ";
                row(
                        callers + " callers",
                        cell("%.1f", results.score(key + 1), 1),
                        cell("%.1f", results.score(key + 2), 1),
                        cell("%.1f", results.score(key + 4), 1));
            }
        }
        if (results.has("OpenArchiveBenchmark")) {
            printArchives();
        }
        if (results.has("ImageToTensorBenchmark")) {
            row("a JPEG to [3, 224, 224]", "640 x 480, ms", "heap, bytes", "1920 x 1080, ms", "heap, bytes");
            for (String[] way : IMAGE_ROWS) {
                List<String> cells = new ArrayList<>();
                for (String size : List.of(" 640x480", " 1920x1080")) {
                    cells.add(cell("%.2f", results.score(way[1] + size), 1e-3));
                    cells.add(cell("%,.0f", results.bytes(way[1] + size), 1));
                }
                row(way[0], cells.toArray(String[]::new));
            }
        }
    }

    private void printExported() {
        row(
                "one call, one thread, of a file, ms",
                "ResNet-18",
                "MobileNetV3-small",
                "transformer, 4 layers",
                "12 layers, BERT's size");
        for (String[] form : EXPORTED_ROWS) {
            row(form[0], exported(key -> cell("%.2f", results.score(key + form[1]), 1e-3)));
        }
        for (String[] form : List.of(EXPORTED_ROWS).subList(1, EXPORTED_ROWS.length)) {
            row(form[0] + ", over traced", exported(key -> ratio(key + form[1], key + EXPORTED_ROWS[0][1])));
        }
    }

    private static String[] exported(UnaryOperator<String> cell) {
        return Stream.of("RESNET18", "MOBILENET", "TRANSFORMER", "BERT")
                .map(model -> cell.apply("ExportedBenchmark.boundCall " + model + " "))
                .toArray(String[]::new);
    }

    private String lone(String maxBatch) {
        OptionalDouble score = results.score("ManyCallersBenchmark.blocking MLP " + maxBatch + " 1");
        return score.isEmpty() ? "" : String.format(Locale.ROOT, "%.2f", 1e6 / score.getAsDouble());
    }

    private String[] models(String way) {
        return MODELS.stream()
                .map(model -> cell("%.2f", results.score(way + " " + model + " 1 1"), 1e-3))
                .toArray(String[]::new);
    }

    private String[] ratios(String peer, String ours) {
        return MODELS.stream()
                .map(model -> ratio(ours + " " + model + " 1 1", peer + " " + model + " 1 1"))
                .toArray(String[]::new);
    }

    private String ratio(String one, String other) {
        OptionalDouble divisor = results.score(other);
        return divisor.isEmpty() ? "" : cell("%.2f", results.score(one), 1 / divisor.getAsDouble());
    }

    private void printGrid() {
        row(
                "µs a call",
                "items",
                "threads",
                "Cresset",
                "bfloat16",
                "DJL",
                "ONNX Runtime",
                "over DJL",
                "over ONNX Runtime");
        for (Recorded model : Recorded.values()) {
            for (String threads : List.of("1", "2")) {
                for (String batch : List.of("1", "8", "32")) {
                    String key = " " + model + " " + batch + " " + threads;
                    String ours = MODEL_ROWS[0][1] + key;
                    String djl = "DjlBenchmark.reusedNdList" + key;
                    String onnx = "OnnxRuntimeBenchmark.reusedTensors" + key;
                    if (results.has(ours)) {
                        row(
                                model.toString(),
                                batch,
                                threads,
                                cell("%,.1f", results.score(ours), 1),
                                cell("%,.1f", results.score(MODEL_ROWS[1][1] + key), 1),
                                cell("%,.1f", results.score(djl), 1),
                                cell("%,.1f", results.score(onnx), 1),
                                ratio(ours, djl),
                                ratio(ours, onnx));
                    }
                }
            }
        }
    }

    private void printArchives() {
        row("open an archive, read its manifest", "1 MB, µs", "bytes", "10 MB", "bytes", "100 MB", "bytes");
        for (String[] way : ARCHIVE_ROWS) {
            List<String> cells = new ArrayList<>();
            for (String size : List.of(" 1", " 10", " 100")) {
                cells.add(cell("%,.0f", results.score(way[1] + size), 1));
                cells.add(cell("%,.0f", results.bytes(way[1] + size), 1));
            }
            row(way[0], cells.toArray(String[]::new));
        }
    }

    private int columns;

    /** A row; one with another number of cells than the last begins a table. */
    private void row(String name, String... cells) {
        boolean heading = cells.length != columns || name.contains("one call") || name.endsWith(":");
        columns = cells.length;
        if (heading) {
            System.out.println();
        }
        System.out.println("| " + name + " | " + String.join(" | ", cells) + " |");
        if (heading) {
            System.out.println("|---" + "|---:".repeat(cells.length) + "|");
        }
    }

    private static String cell(String format, OptionalDouble value, double factor) {
        return value.isEmpty() ? "" : String.format(Locale.ROOT, format, value.getAsDouble() * factor);
    }

    private static String cpu() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("unknown CPU");
    }
}
