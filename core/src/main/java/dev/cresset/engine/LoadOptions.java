package dev.cresset.engine;

/**
 * How a model is to be loaded.
 *
 * @param intraOpThreads how many threads one operator of one call may use, at least 1
 * @param freeze whether the engine may fold a model's weights into its code, if the model does not change them
 */
public record LoadOptions(int intraOpThreads, boolean freeze) {
    public LoadOptions {
        if (intraOpThreads < 1) {
            throw new IllegalArgumentException("intraOpThreads is " + intraOpThreads + ", it must be at least 1");
        }
    }
}
