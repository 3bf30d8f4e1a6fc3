package dev.cresset.benchmarks.zoo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/** What is known of one model; a file has the same, a line each. */
final class Row {
    final String name;
    final String family;
    final String description;
    final Map<String, String> checks = new LinkedHashMap<>();
    final Map<String, Times> times = new LinkedHashMap<>();

    Row(String name, String family, String description) {
        this.name = name;
        this.family = family;
        this.description = description;
    }

    static Row read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        String[] head = lines.get(0).split("\t", -1);
        Row row = new Row(head[0], head[1], head[2]);
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.split("\t", 3);
            switch (words[0]) {
                case "check" -> row.checks.put(words[1], words[2]);
                case "side" -> row.times.put(words[1], new Times(words[2]));
                default -> row.times.getOrDefault(words[1], new Times("")).add(words[2]);
            }
        }
        return row;
    }

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(String.join("\t", name, family, description));
        checks.forEach((way, found) -> lines.add(String.join("\t", "check", way, found)));
        times.forEach((side, times) -> {
            lines.add(String.join("\t", "side", side, times.state()));
            for (double[] round : times.rounds()) {
                lines.add(String.format(
                        Locale.ROOT,
                        "round\t%s\ttime %.1f %.1f %.1f %.1f",
                        side,
                        round[0],
                        round[1],
                        round[2],
                        round[3]));
            }
        });
        Files.write(file, lines);
    }

    /** A side's nanoseconds a call. */
    OptionalDouble figure(String side, int threads) {
        Times of = times.get(side);
        return of != null && of.isTimed() ? OptionalDouble.of(of.figure(threads)) : OptionalDouble.empty();
    }

    /** Cresset's time over a side's, or over the quickest of several. */
    OptionalDouble ratio(int threads, String... sides) {
        OptionalDouble ours = figure("cresset", threads);
        OptionalDouble theirs = DoubleStream.of(List.of(sides).stream()
                        .map(side -> figure(side, threads))
                        .filter(OptionalDouble::isPresent)
                        .mapToDouble(OptionalDouble::getAsDouble)
                        .toArray())
                .min();
        return ours.isPresent() && theirs.isPresent()
                ? OptionalDouble.of(ours.getAsDouble() / theirs.getAsDouble())
                : OptionalDouble.empty();
    }

    /** The way that was chosen. */
    String plan() {
        Times ours = times.get("cresset");
        String[] words = ours == null ? new String[0] : ours.state().split(" ", -1);
        return words.length > 2 && words[0].equals("ready") ? words[2] : ours == null ? "" : ours.state();
    }

    /** Checks that failed. */
    Map<String, String> faults() {
        Map<String, String> faults = new LinkedHashMap<>(checks);
        faults.values()
                .removeIf(
                        found -> !found.contains("WRONG") && !found.startsWith("REFUSED") && !found.startsWith("DIED"));
        return faults;
    }

    /** For the console. */
    String text(Options options) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-28s %-18s", name, plan()));
        if (!checks.isEmpty()) {
            text.append(" right in ")
                    .append(checks.size() - faults().size())
                    .append(" of ")
                    .append(checks.size());
        }
        for (String side : options.isTimed ? options.sides : List.<String>of()) {
            OptionalDouble figure = figure(side, options.threads);
            Times of = times.get(side);
            text.append("  ").append(side).append(' ');
            if (figure.isPresent()) {
                text.append(String.format(Locale.ROOT, "%.4g ms", figure.getAsDouble() / 1e6));
                if (!side.equals("cresset")) {
                    text.append(String.format(
                            Locale.ROOT, " (%.2f)", ratio(options.threads, side).orElse(Double.NaN)));
                }
            } else if (of != null) {
                text.append(of.state(), 0, Math.min(160, of.state().length()));
            }
        }
        faults().forEach((way, found) ->
                text.append("\n    ").append(way).append(": ").append(found, 0, Math.min(300, found.length())));
        return text.toString();
    }
}
