package dev.cresset.codecs;

/** Rounds 32-bit floats to 16 bits: to the nearest, of two equally near to the even one, beyond the largest to infinity. */
final class FloatToHalf {

    private FloatToHalf() {}

    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    static short toFloat16(float value) {
        int sign = (Float.floatToRawIntBits(value) >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        } else if (magnitude >= 65520) {
            return (short) (sign | 0x7c00);
        } else if (magnitude < 0x1p-14f) {
            // Subnormal: a count of the smallest step; multiplying by a power of two is exact.
            return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
        }
        int bits = Float.floatToRawIntBits(magnitude) - (112 << 23);
        // A carry out of the fraction goes into the exponent, which is right.
        return (short) (sign | ((bits + 0xfff + ((bits >>> 13) & 1)) >>> 13));
    }
}
