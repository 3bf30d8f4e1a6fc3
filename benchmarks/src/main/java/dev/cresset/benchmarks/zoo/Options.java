package dev.cresset.benchmarks.zoo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code zoo.sh} was asked for. */
final class Options {
    Path zoo = Path.of("benchmarks/zoo/out");
    Path results = Path.of("benchmarks/results/zoo");
    Path scripts = Path.of("benchmarks/zoo");
    String python = "python3";
    List<String> models = List.of();
    List<String> sides = List.of("cresset", "ort", "openvino", "torchscript");
    int rounds = 5;
    long millis = 400;
    int threads = 1;
    int batch = 1;
    Numerics numerics = Numerics.FLOAT32;
    boolean isChecked = true;
    boolean isTimed = true;
    boolean isEveryWay;
    boolean isResumed;
    boolean isTableOnly;

    static Options of(String... arguments) {
        Options options = new Options();
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i];
            switch (name) {
                case "--check" -> options.isTimed = false;
                case "--no-check" -> options.isChecked = false;
                case "--every-way" -> options.isEveryWay = true;
                case "--resume" -> options.isResumed = true;
                case "--table" -> options.isTableOnly = options.isResumed = true;
                default -> {
                    if (i + 1 == arguments.length) {
                        throw new IllegalArgumentException("unknown option, or one without its value: " + name);
                    }
                    options.set(name, arguments[++i]);
                }
            }
        }
        return options;
    }

    private void set(String name, String value) {
        switch (name) {
            case "--zoo" -> zoo = Path.of(value).toAbsolutePath();
            case "--results" -> results = Path.of(value).toAbsolutePath();
            case "--scripts" -> scripts = Path.of(value).toAbsolutePath();
            case "--python" -> python = value;
            case "--models" -> models = List.of(value.split(",", -1));
            case "--peers" -> {
                List<String> all = new ArrayList<>(List.of("cresset"));
                all.addAll(value.isEmpty() ? List.of() : List.of(value.split(",", -1)));
                sides = all;
            }
            case "--rounds" -> rounds = Integer.parseInt(value);
            case "--millis" -> millis = Long.parseLong(value);
            case "--threads" -> threads = Integer.parseInt(value);
            case "--batch" -> batch = Integer.parseInt(value);
            case "--precision" -> numerics = Numerics.valueOf(value.toUpperCase(Locale.ROOT));
            default -> throw new IllegalArgumentException("unknown option " + name);
        }
    }

    /** The models that were asked for; a name may be the beginning of one. */
    List<String> chosen() throws IOException {
        List<String> all = ZooModel.names(zoo);
        List<String> chosen = new ArrayList<>();
        for (String wanted : models) {
            List<String> found = all.contains(wanted)
                    ? List.of(wanted)
                    : all.stream().filter(name -> name.startsWith(wanted)).toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("there is no model " + wanted + " in " + zoo);
            }
            chosen.addAll(found);
        }
        return models.isEmpty() ? all : chosen;
    }
}
