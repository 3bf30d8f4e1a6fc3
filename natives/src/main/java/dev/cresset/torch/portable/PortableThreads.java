package dev.cresset.torch.portable;

import org.bytedeco.pytorch.global.torch;

/**
 * Gives threads their number of intra-op threads.
 *
 * <p>Where LibTorch is built on OpenMP, the number belongs to the calling thread: what {@code set_num_threads} also writes
 * for the process is only what a thread starts with that calls LibTorch for the first time, and each of those is given
 * its own here. The thread keeps the number after the call. Setting it empties a cache of oneDNN, so that it is done only
 * when it changes. Where LibTorch has a thread pool of its own, the first model's number stands.
 *
 * <p>Safe for use by several threads.
 */
final class PortableThreads {

    private static volatile boolean adjustable = true;

    private PortableThreads() {}

    /** From here on, an operator on this thread uses this many threads. */
    static void give(int threads) {
        // Asking makes a thread of LibTorch's out of this one first, so that nothing resets the number later.
        if (adjustable && torch.get_num_threads() != threads) {
            torch.set_num_threads(threads);
            adjustable = torch.get_num_threads() == threads;
        }
    }
}
