package dev.cresset.mar.cli;

import java.util.Locale;

/** Makes text fit for a person's terminal. */
final class Plain {
    private static final int LONGEST = 200;

    private Plain() {}

    /** Returns the text in one line, cut when long, with what could drive a terminal escaped. */
    static String text(String any) {
        StringBuilder shown = new StringBuilder();
        any.codePoints().limit(LONGEST).forEach(c -> append(shown, c));
        return any.codePointCount(0, any.length()) <= LONGEST ? shown.toString() : shown + "...";
    }

    /** Returns a sentence in one line, however long it is. */
    static String sentence(String any) {
        StringBuilder shown = new StringBuilder();
        any.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .reduce((first, second) -> first + " " + second)
                .orElse("")
                .codePoints()
                .forEach(c -> append(shown, c));
        return shown.toString();
    }

    static String bytes(long count) {
        return String.format(Locale.ROOT, count == 1 ? "%,d byte" : "%,d bytes", count);
    }

    static String files(int count) {
        return String.format(Locale.ROOT, count == 1 ? "%,d file" : "%,d files", count);
    }

    private static void append(StringBuilder shown, int c) {
        switch (Character.getType(c)) {
            // Right-to-left overrides are format characters.
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> shown.append(String.format(Locale.ROOT, "\\u%04x", c));
            default -> shown.appendCodePoint(c);
        }
    }
}
