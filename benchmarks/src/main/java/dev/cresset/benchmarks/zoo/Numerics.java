package dev.cresset.benchmarks.zoo;

import dev.cresset.engine.Precision;
import java.util.Locale;

/** What a side may compute with. */
enum Numerics {
    FLOAT32(Precision.AS_SAVED, 10 * ZooModel.TOLERANCE),
    /** Two to three decimal digits. Random weights, over which nothing was trained, lose most of that in a deep network. */
    BFLOAT16(Precision.BFLOAT16, 0.5),
    /** What was quantised when it was saved, by two tools: they differ from float32 by as much. */
    INT8(Precision.AS_SAVED, 0.5);

    final Precision precision;
    /** How far from PyTorch's float32 an answer may be, of the largest number, and still be timed: a fast wrong one does not count. */
    final double tolerance;

    Numerics(Precision precision, double tolerance) {
        this.precision = precision;
        this.tolerance = tolerance;
    }

    /** As sides are told. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
