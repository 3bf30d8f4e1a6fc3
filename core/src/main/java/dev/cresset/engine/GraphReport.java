package dev.cresset.engine;

import java.util.Optional;

/**
 * What of a model's prepared calls a device runs as graphs (CUDA graphs): recorded once, then given to it as a whole, instead of kernel by
 * kernel.
 *
 * <p>Immutable, safe for use by several threads. {@code toString} is a line for a log.
 *
 * @param recorded how many calls are graphs now; each is of one method, and of arguments of one size
 * @param most how many may be; zero where none are wanted
 * @param bytes the device's memory that they hold: what they compute with stays theirs
 * @param refusal why the last call that could be none is none: half a sentence
 */
public record GraphReport(int recorded, int most, long bytes, Optional<String> refusal) {

    private static final GraphReport NONE = new GraphReport(0, 0, 0, Optional.empty());

    /** Of a model that has none, and wants none. */
    public static GraphReport none() {
        return NONE;
    }

    @Override
    public String toString() {
        String counts = recorded + " of at most " + most + " graphs, " + (bytes >> 20) + " MB";
        return refusal.map(why -> counts + "; none of a call: " + why).orElse(counts);
    }
}
