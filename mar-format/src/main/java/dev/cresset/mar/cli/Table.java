package dev.cresset.mar.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of a label, a text and sometimes an amount, each in its column. Trusts its texts: who adds them makes them plain.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class Table {
    private static final String GAP = "   ";

    private final List<Row> rows = new ArrayList<>();

    private record Row(String label, String text, String amount) {}

    /** Adds a row; an empty label continues the one above. */
    void row(String label, String text) {
        row(label, text, /* amount= */ "");
    }

    /** Adds a row with an amount, which ends where all amounts end. */
    void row(String label, String text, String amount) {
        rows.add(new Row(label, text, amount));
    }

    /** Prints all at once: who reads the first line only and goes leaves no half-written rest. */
    void print(PrintWriter out) {
        StringBuilder lines = new StringBuilder();
        int labels = rows.stream().mapToInt(row -> row.label.length()).max().orElse(0);
        // Only texts that an amount follows make their column: a long sentence does not push all amounts away.
        int texts = rows.stream()
                .filter(row -> !row.amount.isEmpty())
                .mapToInt(row -> row.text.length())
                .max()
                .orElse(0);
        int amounts = rows.stream().mapToInt(row -> row.amount.length()).max().orElse(0);
        for (Row row : rows) {
            String line = padded(row.label, labels) + GAP + row.text;
            if (!row.amount.isEmpty()) {
                line += " ".repeat(texts - row.text.length())
                        + GAP
                        + " ".repeat(amounts - row.amount.length())
                        + row.amount;
            }
            lines.append(line).append(System.lineSeparator());
        }
        out.print(lines);
        out.flush();
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
