package dev.cresset.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws what {@link OpenLoop} measured: latency against load, both on logarithmic scales, for light pages and dark ones. */
final class LoadPlot {
    private static final String[][] WAYS = {
        {"cresset-64", "Cresset, batches", "ours"},
        {"cresset-1", "Cresset, no batches", "plain"},
        {"djl", "DJL, a pool of predictors", "peer"},
    };
    private static final double[] RATES = {1e4, 1e6};
    private static final double[] MICROS = {1e1, 1e5};
    private static final int LEFT = 70;
    private static final int TOP = 12;
    private static final int WIDTH = 520;
    private static final int HEIGHT = 260;

    private final StringBuilder svg = new StringBuilder();

    private LoadPlot() {}

    /** The plot of the files in a folder. */
    static String of(Path folder) throws IOException {
        LoadPlot plot = new LoadPlot();
        plot.axes();
        int row = 0;
        for (String[] way : WAYS) {
            Path file = folder.resolve("load-" + way[0] + ".txt");
            if (Files.exists(file)) {
                List<String> lines = Files.readAllLines(file);
                plot.line(lines, 3, way[2], "");
                plot.line(lines, 4, way[2], " stroke-dasharray=\"5 4\"");
                plot.text(LEFT + 12, TOP + 16 + 16 * row, way[2], way[1]);
                row++;
            }
        }
        plot.text(LEFT + 12, TOP + 16 + 16 * row, "axis", "solid: median; dashed: 99 of 100");
        return plot.finished();
    }

    private void line(List<String> lines, int column, String style, String dashes) {
        List<String> points = new ArrayList<>();
        for (String line : lines) {
            String[] cells = line.split(" ", -1);
            points.add(String.format(
                    Locale.ROOT, "%.1f,%.1f", x(Double.parseDouble(cells[1])), y(Double.parseDouble(cells[column]))));
        }
        svg.append(
                String.format("<polyline class=\"%s\"%s points=\"%s\"/>%n", style, dashes, String.join(" ", points)));
    }

    private void axes() {
        for (double rate : new double[] {1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6}) {
            grid(x(rate), TOP, x(rate), TOP + HEIGHT);
            text((int) x(rate) - 14, TOP + HEIGHT + 16, "axis", (int) (rate / 1000) + " k");
        }
        for (double micros : new double[] {1e1, 1e2, 1e3, 1e4, 1e5}) {
            grid(LEFT, y(micros), LEFT + WIDTH, y(micros));
            text(8, (int) y(micros) + 4, "axis", micros < 1000 ? (int) micros + " µs" : (int) (micros / 1000) + " ms");
        }
        text(LEFT + WIDTH / 2 - 60, TOP + HEIGHT + 34, "axis", "requests a second");
    }

    private void grid(double x1, double y1, double x2, double y2) {
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                x1,
                y1,
                x2,
                y2));
    }

    private void text(int x, int y, String style, String text) {
        svg.append(String.format("<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n", style, x, y, text));
    }

    private static double x(double rate) {
        return LEFT + WIDTH * Math.log(rate / RATES[0]) / Math.log(RATES[1] / RATES[0]);
    }

    private static double y(double micros) {
        return TOP + HEIGHT - HEIGHT * Math.log(micros / MICROS[0]) / Math.log(MICROS[1] / MICROS[0]);
    }

    private String finished() {
        return String.format("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%1$d" font-family="sans-serif" font-size="12">
                <style>
                polyline { fill: none; stroke-width: 2 } .grid { stroke: #d0d7de } text.axis { fill: #24292f }
                polyline.ours { stroke: #1f6feb } polyline.plain { stroke: #8250df } polyline.peer { stroke: #8c959f }
                text.ours { fill: #1f6feb } text.plain { fill: #8250df } text.peer { fill: #6e7781 }
                @media (prefers-color-scheme: dark) {
                .grid { stroke: #30363d } text.axis { fill: #e6edf3 }
                polyline.ours { stroke: #58a6ff } polyline.plain { stroke: #bc8cff } polyline.peer { stroke: #8b949e }
                text.ours { fill: #58a6ff } text.plain { fill: #bc8cff } text.peer { fill: #8b949e } }
                </style>
                %s</svg>
                """, LEFT + WIDTH + 30, TOP + HEIGHT + 46, svg);
    }
}
