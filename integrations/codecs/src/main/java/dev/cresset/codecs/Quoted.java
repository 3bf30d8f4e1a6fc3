package dev.cresset.codecs;

/** A sender's text in a message: short, and on one line. */
final class Quoted {
    private static final int LONGEST = 60;

    private Quoted() {}

    static String of(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return "'" + (line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...") + "'";
    }
}
