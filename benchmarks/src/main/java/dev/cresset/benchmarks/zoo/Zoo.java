package dev.cresset.benchmarks.zoo;

import dev.cresset.engine.Optimization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Checks and times the zoo's models, one after the other: {@code zoo.sh} says what can be asked for. Leaves a file for each model,
 * prints its row, and at the end the table of all that there are.
 */
public final class Zoo {
    private final Options options;

    private Zoo(Options options) {
        this.options = options;
    }

    /** See {@code zoo.sh}. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Options options = Options.of(arguments);
        Files.createDirectories(options.results);
        List<Row> rows = new Zoo(options).run();
        ZooTable table = new ZooTable(options, rows);
        if (rows.size() > 1) {
            System.out.println(table.summary());
        }
        if (options.models.isEmpty()) {
            Files.writeString(options.results.resolve("table.md"), table.markdown());
            Files.writeString(options.results.resolve("ratios.svg"), RatioPlot.of(rows, options));
            System.out.println("The table is " + options.results.resolve("table.md"));
        }
    }

    private List<Row> run() throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (String name : options.chosen()) {
            Path file = options.results.resolve(name + ".txt");
            if (options.isResumed && Files.exists(file)) {
                rows.add(Row.read(file));
                continue;
            }
            ZooModel model = ZooModel.read(options.zoo.resolve(name), 1);
            if (options.isTableOnly || (options.batch > 1 && !model.isBatched())) {
                continue;
            }
            Row row = new Row(name, model.family(), model.description());
            Files.deleteIfExists(log(name));
            if (options.isChecked) {
                check(model, row);
            }
            if (options.isTimed) {
                time(name, row);
            }
            row.write(file);
            rows.add(row);
            System.out.println(row.text(options));
        }
        return rows;
    }

    private Path log(String name) {
        return options.results.resolve(name + ".log");
    }

    // ---- answers ----

    /** Every way in a process that may die of it. */
    private void check(ZooModel model, Row row) throws IOException, InterruptedException {
        List<String> ways = Stream.concat(
                        Stream.of("AUTO"),
                        Stream.of(Optimization.values())
                                .filter(way -> options.isEveryWay || way.keepsEveryAnswer())
                                .map(Optimization::name))
                .collect(Collectors.toCollection(ArrayList::new));
        while (!ways.isEmpty()) {
            List<String> command = Side.jvm(classpath("cresset"), List.of(), "Check");
            command.add(model.folder().toString());
            command.addAll(ways);
            try (Side side = new Side(command, options.results, log(model.name()))) {
                while (!ways.isEmpty()) {
                    String line = side.next(300);
                    if (line.startsWith("end ")) {
                        String way = ways.remove(0);
                        row.checks.put(way, line.substring(4 + way.length() + 1));
                    } else if (line.startsWith("died")) {
                        row.checks.put(ways.remove(0), "DIED " + line);
                        break;
                    }
                }
            }
        }
    }

    // ---- time ----

    private void time(String name, Row row) throws IOException, InterruptedException {
        Map<String, Side> sides = new LinkedHashMap<>();
        try {
            for (String side : options.sides) {
                Side opened = new Side(command(side, name), options.results, log(name));
                String line = opened.next(side.equals("compile") ? 900 : 240);
                Times times = new Times(line);
                row.times.put(side, times);
                if (times.isReady(options.numerics)) {
                    sides.put(side, opened);
                } else {
                    opened.close();
                }
            }
            for (int round = 0; round < options.rounds; round++) {
                for (Map.Entry<String, Side> side : List.copyOf(sides.entrySet())) {
                    Times times = row.times.get(side.getKey());
                    if (times != null && !times.add(side.getValue().round(options.millis))) {
                        sides.remove(side.getKey());
                        side.getValue().close();
                    }
                }
            }
        } finally {
            sides.values().forEach(Side::close);
        }
    }

    /** {@code cresset}, {@code cresset:WAY}, either with {@code @CHECKOUT}; {@code ort}; or one of peers.py. */
    private List<String> command(String side, String name) {
        List<String> command;
        if (side.startsWith("cresset")) {
            command = Side.jvm(classpath(side), List.of(), "CressetSide");
        } else if (side.equals("ort")) {
            command = Side.jvm(classpath(side), List.of(), "OnnxRuntimeSide");
        } else {
            command = new ArrayList<>(
                    List.of(options.python, options.scripts.resolve("peers.py").toString(), side));
        }
        command.addAll(List.of(
                options.zoo.resolve(name).toString(),
                Integer.toString(options.batch),
                Integer.toString(options.threads),
                options.numerics.word()));
        if (side.startsWith("cresset")) {
            String[] words = side.split("@", 2)[0].split(":", 2);
            command.add(words.length > 1 ? words[1].toUpperCase(Locale.ROOT) : "AUTO");
        }
        return command;
    }

    /** Ours, with another checkout's classes before it where one is named. */
    private static String classpath(String side) {
        String ours = System.getProperty("java.class.path");
        String[] words = side.split("@", 2);
        return words.length == 1
                ? ours
                : Stream.of("core", "mar-format", "natives")
                        .map(module -> Path.of(words[1], module, "target", "classes")
                                .toAbsolutePath()
                                .toString())
                        .collect(Collectors.joining(":", "", ":" + ours));
    }
}
