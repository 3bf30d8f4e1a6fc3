package dev.cresset.internal;

/** How long to look for a bad order of steps: more with {@code -Dcresset.stress=5}. */
public final class Effort {

    private Effort() {}

    /** One, or ten for each minute that was asked for. */
    public static int factor() {
        String minutes = System.getProperty("cresset.stress", "");
        return minutes.isEmpty() ? 1 : 10 * Integer.parseInt(minutes);
    }
}
