package dev.cresset.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Differences that have a reason: a line each in {@code explained.txt}, of the cases, engines and ways that it holds for, how far
 * they may be off as a fraction of the largest number ({@code any}: however far), and the reason, with {@code |} between them. {@code *} stands for any text.
 */
record Explanations(List<Explanation> list) {

    /** One line of the file. */
    record Explanation(Pattern cases, Pattern engines, Pattern ways, double within, String reason) {

        boolean covers(Line line) {
            // Nothing explains a JVM that died, or an answer that never came.
            return (line.outcome().verdict() == Outcome.Verdict.DIFFERS
                            || line.outcome().verdict() == Outcome.Verdict.THROWS)
                    && line.outcome().deviation() <= within
                    && cases.matcher(line.one().name()).matches()
                    && engines.matcher(line.engine()).matches()
                    && ways.matcher(line.way().toString()).matches();
        }

        @Override
        public String toString() {
            return cases + ": " + reason;
        }
    }

    static Explanations read(Path file) throws IOException {
        return new Explanations(Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Explanations::parse)
                .toList());
    }

    private static Explanation parse(String line) {
        String[] fields = line.split(" *\\| *", -1);
        if (fields.length != 5) {
            throw new IllegalArgumentException(
                    "an explanation is 'cases | engines | ways | within | reason', this is not: " + line);
        }
        return new Explanation(glob(fields[0]), glob(fields[1]), glob(fields[2]), within(fields[3]), fields[4]);
    }

    private static double within(String field) {
        return field.equals("any") ? Double.POSITIVE_INFINITY : Double.parseDouble(field);
    }

    private static Pattern glob(String text) {
        return Pattern.compile(
                Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    Optional<Explanation> of(Line line) {
        return list.stream().filter(one -> one.covers(line)).findFirst();
    }

    /** Whether this is a finding: red, of a way that is held to PyTorch's answers, and without a reason. */
    boolean leavesOpen(Line line) {
        return line.outcome().verdict().isRed() && line.way().isSafe() && of(line).isEmpty();
    }
}
