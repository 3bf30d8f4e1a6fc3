package dev.cresset;

/** What becomes of a request when as many wait as may wait. */
public enum WhenFull {
    /** It fails at once, with an {@link OverloadedException}: the default. */
    REJECT,
    /** Its caller waits for a slot, for as long as the request's deadline lets it. */
    BLOCK
}
