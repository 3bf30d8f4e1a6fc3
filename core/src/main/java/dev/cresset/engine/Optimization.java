package dev.cresset.engine;

/**
 * A way to compute what a module computes. Which is the fastest depends on the model, on its inputs' sizes and on the CPU.
 *
 * <p><b>The promise.</b> A way that Cresset picks by itself gives the module's own answer, up to rounding, for every input: for
 * one that holds NaN, infinities, negative zero, denormals or numbers up to the type's largest; for batches of zero rows and
 * of one; for other sizes than those that it was tried with. Where a large number does not reach, the answer is as without
 * it. {@link #keepsEveryAnswer} says which ways keep this; the others are taken only where they are asked for by name.
 *
 * <p>An engine offers those that it has, {@link #AS_IS} at least; what is told here is what LibTorch's does.
 */
public enum Optimization {
    /** The module as it was saved. */
    AS_IS,
    /** Weights folded into the code, convolutions joined with the normalisation that follows. */
    FROZEN,
    /**
     * Frozen, then {@code torch.jit.optimize_for_inference}. Only by name: where a ReLU follows, oneDNN answers a plausible number for
     * NaN.
     */
    FOR_INFERENCE,
    /**
     * Frozen, runs of operators joined by oneDNN's graph compiler when it first meets the inputs' sizes. Only by name: the
     * compiler inside LibTorch <b>ends the process</b> on some models, when they are first called or when an image's size changes; it
     * answers wrongly on some, at some sizes only; and it drops NaN. Whoever chooses it has tried it with each size that will come.
     */
    FUSED,
    /** Frozen, images and convolutions laid out with the channels last in memory. */
    CHANNELS_LAST,
    /** {@link #FUSED} and {@link #CHANNELS_LAST}. Only by name, for what is said of the first. */
    FUSED_CHANNELS_LAST,
    /**
     * Frozen, layers by operators of Cresset's own, whose weights are laid out once: linear ones with the addition and the
     * activation that follow, attention, recurrent layers, norms of rows, embeddings. For networks so small that the way to the
     * arithmetic is what takes the time, and for transformers.
     */
    DIRECT,
    /**
     * Frozen, convolutions of images and of rows with weights that were laid out once, each with the addition and the
     * activation that follow it; those of 3×3 by Winograd's algorithm, in a half to a quarter of the
     * multiplications, depthwise separable ones without oneDNN's preparation. Other layers as by {@link #DIRECT}.
     */
    DIRECT_CHANNELS_LAST;

    /** Whether this way keeps the promise above, so that it may be picked unasked. */
    public boolean keepsEveryAnswer() {
        return switch (this) {
            case AS_IS, FROZEN, CHANNELS_LAST, DIRECT, DIRECT_CHANNELS_LAST -> true;
            case FOR_INFERENCE, FUSED, FUSED_CHANNELS_LAST -> false;
        };
    }
}
