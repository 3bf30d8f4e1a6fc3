package dev.cresset.engine;

/** The numbers that a model computes with. What goes in and what comes out are the module's own types all the same. */
public enum Precision {
    /** Those that the module was saved with: float32 in nearly every one, int8 where it was quantised in Python. */
    AS_SAVED,
    /**
     * float32 weights and activations as bfloat16, which has float32's range and two to three decimal digits; attention is
     * computed in float32 all the same. On CPUs that compute with it: convolutions and transformers then take about two thirds
     * of the time, and weights half the memory.
     */
    BFLOAT16
}
