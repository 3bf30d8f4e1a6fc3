package dev.cresset.benchmarks.zoo;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.TreeSet;

/** The zoo's table in Markdown: a row for each model, the slowest first; geometric means by family and over all. */
final class ZooTable {
    /** Whose time a model's is held against: the better of them. */
    static final String[] BETTER = {"ort", "openvino"};

    private final Options options;
    private final List<Row> rows;

    ZooTable(Options options, List<Row> rows) {
        this.options = options;
        this.rows = rows.stream()
                .sorted(Comparator.comparingDouble(
                        row -> -row.ratio(options.threads, BETTER).orElse(0)))
                .toList();
    }

    String markdown() {
        return models() + "\n" + summary() + "\n" + faults();
    }

    private String models() {
        StringBuilder table = new StringBuilder("| model | plan | Cresset |");
        List<String> peers = options.sides.subList(1, options.sides.size());
        peers.forEach(side -> table.append(' ').append(label(side)).append(" |"));
        table.append(" over the better of ONNX Runtime and OpenVINO |\n|---|---|---:|")
                .append("---:|".repeat(peers.size()))
                .append("---:|\n");
        for (Row row : rows) {
            table.append("| ")
                    .append(row.description)
                    .append(" | ")
                    .append(row.plan())
                    .append(" |");
            for (String side : options.sides) {
                table.append(' ')
                        .append(millis(row.figure(side, options.threads)))
                        .append(" |");
            }
            table.append(' ').append(number(row.ratio(options.threads, BETTER))).append(" |\n");
        }
        return table.toString();
    }

    /** Geometric means, by family and over all. */
    String summary() {
        StringBuilder table = new StringBuilder(
                "| family | models | over ONNX Runtime | over OpenVINO | over the better | over TorchScript |"
                        + " slowest over the better |\n|---|---:|---:|---:|---:|---:|---:|\n");
        for (String family : new TreeSet<>(rows.stream().map(row -> row.family).toList())) {
            table.append(means(
                    family,
                    rows.stream().filter(row -> row.family.equals(family)).toList()));
        }
        return table.append(means("all", rows)).toString();
    }

    private String means(String family, List<Row> of) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %s | %s | %s | %s | %s |%n",
                family,
                of.size(),
                number(mean(of, "ort")),
                number(mean(of, "openvino")),
                number(mean(of, BETTER)),
                number(mean(of, "torchscript")),
                number(of.stream()
                        .map(row -> row.ratio(options.threads, BETTER))
                        .filter(OptionalDouble::isPresent)
                        .mapToDouble(OptionalDouble::getAsDouble)
                        .max()));
    }

    private OptionalDouble mean(List<Row> of, String... sides) {
        OptionalDouble log = of.stream()
                .map(row -> row.ratio(options.threads, sides))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(ratio -> Math.log(ratio.getAsDouble()))
                .average();
        return log.isPresent() ? OptionalDouble.of(Math.exp(log.getAsDouble())) : log;
    }

    /** What was wrong, refused, or died. */
    private String faults() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            row.faults()
                    .forEach((way, found) -> text.append("- ")
                            .append(row.name)
                            .append(", ")
                            .append(way)
                            .append(": ")
                            .append(found)
                            .append('\n'));
            row.times.forEach((side, times) -> {
                if (!times.isTimed()) {
                    text.append("- ")
                            .append(row.name)
                            .append(", ")
                            .append(label(side))
                            .append(" was not timed: ")
                            .append(times.state())
                            .append('\n');
                }
            });
        }
        return text.toString();
    }

    private static String label(String side) {
        return switch (side) {
            case "ort" -> "ONNX Runtime";
            case "openvino" -> "OpenVINO";
            case "torchscript" -> "TorchScript";
            case "compile" -> "`torch.compile`";
            default -> side;
        };
    }

    private static String millis(OptionalDouble nanos) {
        double millis = nanos.orElse(0) / 1e6;
        return nanos.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        millis < 0.1 ? "%.4f" : millis < 1 ? "%.3f" : millis < 10 ? "%.2f" : "%.1f",
                        millis);
    }

    private static String number(OptionalDouble ratio) {
        return ratio.isEmpty() ? "" : String.format(Locale.ROOT, "%.2f", ratio.getAsDouble());
    }
}
