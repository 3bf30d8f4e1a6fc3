package dev.cresset.tensor;

/** Widens 16-bit floats to 32 bits, which is exact: IEEE 754-2008 binary16, and bfloat16, a float's upper half. */
final class HalfToFloat {

    private HalfToFloat() {}

    static float widen(DataType type, short bits) {
        return type == DataType.BFLOAT16 ? Float.intBitsToFloat(bits << 16) : widenBinary16(bits);
    }

    private static float widenBinary16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >>> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f800000 | (fraction << 13));
        }
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f; // subnormal: exact in 32 bits
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
    }
}
