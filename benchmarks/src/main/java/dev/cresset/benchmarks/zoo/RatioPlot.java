package dev.cresset.benchmarks.zoo;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Draws each model's ratio to the better peer, sorted, as SVG that is readable on a light page and on a dark one. */
final class RatioPlot {
    private static final int LABEL = 190;
    private static final int HALF = 220;
    private static final int BAR = 13;

    /** A bar of this ratio, or its inverse, fills its half. */
    private static final double WIDEST = 4;

    private RatioPlot() {}

    static String of(List<Row> rows, Options options) {
        StringBuilder svg = new StringBuilder();
        List<Row> sorted = rows.stream()
                .filter(row -> row.ratio(options.threads, ZooTable.BETTER).isPresent())
                .sorted(Comparator.comparingDouble(
                        row -> row.ratio(options.threads, ZooTable.BETTER).orElse(1)))
                .toList();
        int y = 20;
        for (Row row : sorted) {
            double ratio = row.ratio(options.threads, ZooTable.BETTER).orElse(1);
            double share = Math.max(-1, Math.min(1, Math.log(ratio) / Math.log(WIDEST)));
            int width = (int) Math.max(1, Math.abs(share) * HALF);
            int middle = LABEL + HALF;
            svg.append(String.format("<text x=\"4\" y=\"%d\">%s</text>%n", y + BAR - 3, row.name));
            svg.append(String.format(
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>%n",
                    ratio <= 1 ? "won" : "lost", ratio <= 1 ? middle - width : middle, y, width, BAR - 3));
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\">%.2f</text>%n",
                    ratio <= 1 ? middle + 5 : middle + width + 5,
                    y + BAR - 3,
                    ratio));
            y += BAR;
        }
        return String.format("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%1$d" font-family="sans-serif" font-size="10">
                <style>
                text { fill: #24292f } .won { fill: #1f6feb } .lost { fill: #cf7b2d }
                @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .won { fill: #58a6ff } .lost { fill: #e09b58 } }
                </style>
                <text x="4" y="12">Cresset's time over the better of ONNX Runtime and OpenVINO, logarithmic</text>
                %s</svg>
                """, LABEL + 2 * HALF + 40, y + 8, svg);
    }
}
