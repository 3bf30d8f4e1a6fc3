package dev.cresset.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** What came of some trials, in numbers: a row of the report's tables. */
record Tally(List<Line> lines, Explanations explanations) {

    static final String HEADER = "cases | trials | equal to the bit | within tolerance | refused | explained | red";
    static final String RULE = "--:|--:|--:|--:|--:|--:|--:";

    /** Trials in which something was computed. */
    private List<Line> computed() {
        return lines.stream()
                .filter(line -> line.outcome().verdict() != Outcome.Verdict.NOTHING_TO_DO)
                .toList();
    }

    String row() {
        List<Line> computed = computed();
        long cases = computed.stream().map(Line::one).distinct().count();
        List<Long> numbers = new ArrayList<>(List.of(cases, (long) computed.size()));
        numbers.add(count(verdict -> verdict == Outcome.Verdict.EQUAL));
        numbers.add(count(verdict -> verdict == Outcome.Verdict.CLOSE));
        numbers.add(count(verdict -> verdict == Outcome.Verdict.REFUSED));
        numbers.add(computed.stream()
                .filter(line -> explanations.of(line).isPresent())
                .count());
        numbers.add(computed.stream().filter(this::isOpen).count());
        return String.join(
                " | ",
                numbers.stream()
                        .map(number -> String.format(Locale.ROOT, "%,d", number))
                        .toList());
    }

    private long count(Predicate<Outcome.Verdict> which) {
        return lines.stream()
                .filter(line -> which.test(line.outcome().verdict()))
                .count();
    }

    private boolean isOpen(Line line) {
        return line.outcome().verdict().isRed() && explanations.of(line).isEmpty();
    }
}
