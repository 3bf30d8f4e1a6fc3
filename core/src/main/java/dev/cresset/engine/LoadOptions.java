package dev.cresset.engine;

/**
 * How a model is to be loaded.
 *
 * @param intraOpThreads how many threads one operator of one call may use, at least 1
 * @param freeze whether the engine may fold a model's weights into its code, if the model does not change them
 * @param precision the numbers to compute with; a lower one than the module's needs freezing
 */
public record LoadOptions(int intraOpThreads, boolean freeze, Precision precision) {

    /** In the module's own precision. */
    public LoadOptions(int intraOpThreads, boolean freeze) {
        this(intraOpThreads, freeze, Precision.AS_SAVED);
    }

    /** Checks the number of threads. */
    public LoadOptions {
        if (intraOpThreads < 1) {
            throw new IllegalArgumentException("intraOpThreads is " + intraOpThreads + ", it must be at least 1");
        }
    }
}
