package dev.cresset.engine;

/**
 * A way to compute what a module computes. Which is the fastest depends on the model, on its inputs' sizes and on the CPU;
 * all give the same answers up to rounding.
 */
public enum Optimization {
    /** The module as it was saved. */
    AS_IS,
    /** Weights folded into the code, convolutions joined with the normalisation that follows. */
    FROZEN,
    /** Frozen, then {@code torch.jit.optimize_for_inference}. */
    FOR_INFERENCE,
    /** Frozen, runs of operators joined by oneDNN's graph compiler when it first meets the inputs' sizes. */
    FUSED,
    /** Frozen, images and convolutions laid out with the channels last in memory. */
    CHANNELS_LAST,
    /** Both. */
    FUSED_CHANNELS_LAST,
    /**
     * Frozen, linear layers and the ReLU after them handed straight to the BLAS: for networks so small that the way to the
     * arithmetic is what takes the time.
     */
    DIRECT_LINEAR,
    /**
     * Frozen, convolutions of images with weights that were laid out once, each with the addition and the activation that
     * follow it; those of 3×3 with stride 1 by Winograd's algorithm, in a half to a quarter of the multiplications, depthwise
     * separable ones without oneDNN's preparation. Linear layers as by {@link #DIRECT_LINEAR}. A number that is not finite may spread to the three pixels beside it.
     */
    DIRECT_CONVOLUTION
}
