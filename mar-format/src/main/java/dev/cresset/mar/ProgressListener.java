package dev.cresset.mar;

/** Told how far a long piece of work on an archive has come. Called by the thread that does the work; must be quick. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Some more bytes are done.
     *
     * @param entry the entry they belong to
     * @param doneBytes how many are done in all
     * @param totalBytes how many there are
     */
    void progressed(String entry, long doneBytes, long totalBytes);
}
