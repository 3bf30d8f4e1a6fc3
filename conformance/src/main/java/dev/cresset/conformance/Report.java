package dev.cresset.conformance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page that says what came of all trials: totals first, then whatever is not simply right. */
final class Report {

    private static final int LONGEST_CASES = 6;

    private final List<Line> lines;
    private final Explanations explanations;
    private final String made;
    private final StringBuilder page = new StringBuilder();

    /** @param made how the cases were made, and on what this ran */
    Report(List<Line> lines, Explanations explanations, String made) {
        this.lines = lines;
        this.explanations = explanations;
        this.made = made;
    }

    @Override
    public String toString() {
        page.setLength(0);
        page.append("""
                # Conformance with PyTorch

                Operators and modules of PyTorch's own databases (`op_db`, `module_db`), traced, saved, and run by every engine in
                every way it has; held to what PyTorch answered when it loaded the same file. `conformance/run.sh` makes this page
                anew; [conformance/README.md](../conformance/README.md) says how.

                """);
        page.append(made);
        page.append("""

                A number is within tolerance where `torch.testing.assert_close` would say so: float64 1e-7 relative and absolute,
                float32 1.3e-6 and 1e-5, bfloat16 1.6e-2 and 1e-5, float16 1e-3 and 1e-5. NaN and infinities have to be in the same
                places, whole numbers equal. Each trial is three calls and, where the answer is of tensors, two of a bound call; the
                worst counts. A way that finds nothing to do in a module is not counted. Red is what is neither right nor explained:
                another answer, an exception, a JVM that died, no answer in time.

                """);
        table("By engine and way", "engine and way", line -> line.engine() + " " + line.way(), lines);
        List<Line> held = lines.stream().filter(line -> line.way().isSafe()).toList();
        if (held.size() < lines.size()) {
            page.append("The tables that follow leave out the ways that are taken only when asked for by name.\n\n");
        }
        table("By type", "type", line -> line.one().dtype(), held);
        table("By kind", "kind", line -> group(line.one().operator()), held);
        reasons(
                "Explained",
                held.stream().filter(line -> explanations.of(line).isPresent()),
                line -> explanations
                        .of(line)
                        .map(Explanations.Explanation::reason)
                        .orElseThrow());
        reasons(
                "Refused",
                held.stream().filter(line -> line.outcome().verdict() == Outcome.Verdict.REFUSED),
                line -> line.outcome().detail());
        reasons("Red", held.stream().filter(explanations::leavesOpen), Report::finding);
        return page.toString();
    }

    private void table(String title, String first, Function<Line, String> key, List<Line> of) {
        page.append("## ")
                .append(title)
                .append("\n\n| ")
                .append(first)
                .append(" | ")
                .append(Tally.HEADER);
        page.append(" |\n|---|").append(Tally.RULE).append("|\n");
        Map<String, List<Line>> rows =
                of.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
        rows.forEach((name, row) -> page.append("| ")
                .append(name)
                .append(" | ")
                .append(new Tally(row, explanations).row())
                .append(" |\n"));
        page.append("| all | ").append(new Tally(of, explanations).row()).append(" |\n\n");
    }

    /** One row an operator, those with one reason together. */
    private void reasons(String title, Stream<Line> of, Function<Line, String> reason) {
        Map<String, List<Line>> grouped = of.collect(Collectors.groupingBy(reason, TreeMap::new, Collectors.toList()));
        if (grouped.isEmpty()) {
            return;
        }
        page.append("## ").append(title).append("\n\n| why | trials | operators |\n|---|--:|---|\n");
        grouped.forEach((why, row) -> page.append("| ")
                .append(why.replace("|", "\\|"))
                .append(" | ")
                .append(row.size())
                .append(" | ")
                .append(operators(row))
                .append(" |\n"));
        page.append('\n');
    }

    private static String operators(List<Line> row) {
        List<String> names =
                row.stream().map(line -> line.one().operator()).distinct().toList();
        String shown = names.stream()
                .limit(LONGEST_CASES)
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", "));
        return names.size() <= LONGEST_CASES ? shown : shown + " and " + (names.size() - LONGEST_CASES) + " more";
    }

    /** Without the numbers, which are others for each case; {@link Results} has them. */
    private static String finding(Line line) {
        String detail = line.outcome()
                .detail()
                .replaceAll("(, the furthest off|tensor) .*", "")
                .replaceAll("[0-9]+", "n");
        return line.engine() + " " + line.way() + " " + line.outcome().verdict() + ": " + detail;
    }

    /** Where in PyTorch it lives, from its name. */
    static String group(String operator) {
        if (operator.startsWith("nn.functional.")) {
            return "torch.nn.functional";
        } else if (operator.startsWith("nn.")) {
            return "torch.nn, modules";
        } else if (operator.startsWith("_foreach")) {
            return "torch, foreach";
        }
        return Stream.of("fft", "linalg", "special", "masked", "signal")
                .filter(name -> operator.startsWith(name + "."))
                .findFirst()
                .map(name -> "torch." + name)
                .orElse("torch");
    }
}
