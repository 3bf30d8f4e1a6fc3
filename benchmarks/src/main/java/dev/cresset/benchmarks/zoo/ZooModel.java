package dev.cresset.benchmarks.zoo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A model of the zoo, as {@code make.py} left it in a folder.
 *
 * @param folder where it is
 * @param family what kind it is
 * @param description what it is
 * @param isBatched whether the first dimension of every input counts items
 * @param cases its inputs and answers at either size, {@code a} and {@code b}
 */
record ZooModel(Path folder, String family, String description, boolean isBatched, Map<String, Case> cases) {

    /** How far an answer may be from PyTorch's, relative to its largest number. */
    static final double TOLERANCE = 1e-4;

    /**
     * One size.
     *
     * @param inputs the arguments
     * @param outputs PyTorch's answer
     * @param error how far that answer is from what float64 gives; NaN if nobody knows
     */
    record Case(List<Numbers> inputs, List<Numbers> outputs, double error) {
        /** Whether a distance is no more than rounding, where PyTorch's own rounding may be the larger. */
        boolean allows(double distance) {
            return distance <= (Double.isNaN(error) ? TOLERANCE : Math.max(TOLERANCE, 3 * error));
        }
    }

    /** The models of a zoo, by name. */
    static List<String> names(Path zoo) throws IOException {
        try (Stream<Path> folders = Files.list(zoo)) {
            return folders.filter(folder -> Files.exists(folder.resolve("case.txt")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }

    /** Reads a model; {@code items} is how often its inputs are repeated. */
    static ZooModel read(Path folder, int items) throws IOException {
        Map<String, String> said = new HashMap<>();
        Map<String, List<Numbers>> numbers = new HashMap<>();
        Map<String, Double> errors = new HashMap<>();
        Set<String> sizes = new HashSet<>();
        for (String line : Files.readAllLines(folder.resolve("case.txt"))) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "input", "output" -> {
                    Path file = folder.resolve(words[1] + "." + words[0] + "." + words[2]);
                    numbers.computeIfAbsent(words[0] + words[1], key -> new ArrayList<>())
                            .add(Numbers.read(file, words[3], shape(words.length > 4 ? words[4] : ""), items));
                    sizes.add(words[1]);
                }
                case "error" -> errors.put(words[1], Double.parseDouble(words[2]));
                default -> said.put(words[0], line.substring(words[0].length() + 1));
            }
        }
        Map<String, Case> cases = new HashMap<>();
        for (String size : sizes) {
            cases.put(
                    size,
                    new Case(
                            numbers.getOrDefault("input" + size, List.of()),
                            numbers.getOrDefault("output" + size, List.of()),
                            errors.getOrDefault(size, Double.NaN)));
        }
        return new ZooModel(
                folder,
                said.getOrDefault("family", ""),
                said.getOrDefault("description", ""),
                "True".equals(said.get("batched")),
                cases);
    }

    private static long[] shape(String sizes) {
        return sizes.isEmpty()
                ? new long[0]
                : Stream.of(sizes.split(",", -1)).mapToLong(Long::parseLong).toArray();
    }

    String name() {
        return folder.getFileName().toString();
    }

    /** The TorchScript file. */
    Path torchScript() {
        return folder.resolve("model.pt");
    }

    /** The same model for ONNX Runtime. */
    Path onnx() {
        return folder.resolve("model.onnx");
    }

    /** The size that is timed. */
    Case timed() {
        return at("a");
    }

    /** One of the sizes. */
    Case at(String size) {
        Case found = cases.get(size);
        if (found == null) {
            throw new IllegalArgumentException(folder + " has no case " + size);
        }
        return found;
    }
}
