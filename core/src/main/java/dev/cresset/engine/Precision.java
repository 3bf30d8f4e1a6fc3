package dev.cresset.engine;

/** The numbers that a model computes with. What goes in and what comes out are the module's own types all the same. */
public enum Precision {
    /** Those that the module was saved with: float32 in nearly every one, int8 where it was quantised in Python. */
    AS_SAVED,
    /**
     * float32 weights and activations as bfloat16, which has float32's range and two to three decimal digits. On CPUs that
     * compute with it: convolutions and transformers then take about two thirds of the time, and where the CPU multiplies
     * matrices of it (AMX) about a third; attention is computed in float32 all the same where it does not. Weights take half
     * the memory. On GPUs.
     */
    BFLOAT16,
    /**
     * float32 weights and activations as float16, which has three decimal digits and reaches to 65,504. On GPUs, whose matrix units are
     * made for it and for {@link #BFLOAT16}: attention is computed in it, too. Numbers that only fill or bound a tensor, such as a mask's
     * lowest, are kept within its range; what a model computes beyond it is infinite, which opening it shows.
     */
    FLOAT16
}
