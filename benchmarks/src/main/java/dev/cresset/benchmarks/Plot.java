package dev.cresset.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Draws bars as SVG that is readable on a light page and on a dark one. */
final class Plot {
    private static final int LABEL = 190;
    private static final int WIDTH = 420;
    private static final int BAR = 18;

    private final StringBuilder svg = new StringBuilder();
    private int y = 8;

    private Plot() {}

    /** One call's time, a group of bars for each model. */
    static String models(Results results, List<String> models) {
        Plot plot = new Plot();
        for (String model : models) {
            plot.text(4, "name", model + ", batch 1, one thread, ms");
            plot.y += BAR + 4;
            double longest = 0;
            for (String[] way : Table.MODEL_ROWS) {
                longest = Math.max(
                        longest, results.score(way[1] + " " + model + " 1 1").orElse(0));
            }
            for (String[] way : Table.MODEL_ROWS) {
                OptionalDouble score = results.score(way[1] + " " + model + " 1 1");
                if (score.isPresent()) {
                    plot.bar(way[0].replace("`", ""), score.getAsDouble() / 1e3, longest / 1e3);
                }
            }
            plot.y += BAR;
        }
        return plot.finished();
    }

    private void bar(String label, double value, double longest) {
        boolean ours = label.startsWith("Cresset");
        int width = (int) Math.round(WIDTH * value / longest);
        text(4, "label", label);
        svg.append(String.format(
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>%n",
                ours ? "ours" : "peer", LABEL, y, Math.max(1, width), BAR - 4));
        text(LABEL + width + 6, "label", String.format(Locale.ROOT, "%.2f", value));
        y += BAR;
    }

    private void text(int x, String style, String text) {
        svg.append(String.format("<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n", style, x, y + BAR - 7, text));
    }

    private String finished() {
        return String.format("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%1$d" font-family="sans-serif" font-size="12">
                <style>
                text { fill: #24292f } .name { font-weight: bold } .ours { fill: #1f6feb } .peer { fill: #8c959f }
                @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #58a6ff } .peer { fill: #6e7681 } }
                </style>
                %s</svg>
                """, LABEL + WIDTH + 70, y, svg);
    }
}
