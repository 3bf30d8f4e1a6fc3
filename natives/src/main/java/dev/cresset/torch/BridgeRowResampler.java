package dev.cresset.torch;

import dev.cresset.engine.RowResampler;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/** Resamples with the CPU's vectors, by the bridge's {@code kernels/resample.h}. */
final class BridgeRowResampler implements RowResampler {

    /** What {@code Resampling} in {@code kernels.h} calls so. */
    private static final int LOW_BITS = 11;

    private static final int TAPS = 4;
    private static final int TOGETHER = 4;
    private static final int READ_BEYOND = 16;

    private final WireBlock weights = new WireBlock(16 * 1024);
    private final WireBlock source = new WireBlock(8 * 1024);
    private final WireBlock out = new WireBlock(4 * 1024);

    /** What is in {@code out}. */
    private IntBuffer samples = out.words().asIntBuffer();

    private int positions;
    /** The same, filled up. */
    private int filled;

    private int groups;

    /** How many bytes of a row the neighbourhoods reach into: beyond it would be somebody else's memory. */
    private int reach;

    private static int filledUp(int count, int to) {
        return (count + to - 1) / to * to;
    }

    /** Where the neighbours of each position begin, then the weights of each. */
    @Override
    public void set(int positions, int from, int[] firsts, int[] counts, int longest, int[] kernel) {
        int furthest = 0;
        for (int x = 0; x < positions; x++) {
            if (firsts[x] < from || counts[x] < 0 || counts[x] > longest) {
                throw new IllegalArgumentException("position " + x + " has " + counts[x] + " neighbours from pixel "
                        + firsts[x] + " on, expected no more than " + longest + " from " + from + " on");
            }
            furthest = Math.max(furthest, Math.multiplyExact(3, firsts[x] - from + counts[x]));
        }
        reach = furthest;
        this.positions = positions;
        filled = filledUp(positions, TOGETHER);
        groups = filledUp(longest, TAPS) / TAPS;
        weights.ensure((long) filled * Integer.BYTES + (long) filled * groups * 2 * TAPS * Short.BYTES);
        out.ensure(3L * filled * Integer.BYTES);
        samples = out.words().asIntBuffer();
        ByteBuffer words = weights.words();
        for (int x = 0; x < filled; x++) {
            int start = x < positions ? 3 * (firsts[x] - from) : 0;
            words.putInt(x * Integer.BYTES, start);
            for (int k = 0; k < groups * TAPS; k++) {
                boolean weighs = x < positions && k < counts[x];
                put(x, k, weighs ? kernel[x * longest + k] : 0);
            }
        }
    }

    private void put(int position, int k, int weight) {
        if (weight >> LOW_BITS != (short) (weight >> LOW_BITS)) {
            throw new IllegalArgumentException("a weight of 16 or more: " + weight + " / 2^" + PRECISION_BITS);
        }
        int group = (position * groups + k / TAPS) * 2 * TAPS;
        int at = filled * Integer.BYTES + (group + k % TAPS) * Short.BYTES;
        weights.words().putShort(at, (short) (weight >> LOW_BITS));
        weights.words().putShort(at + TAPS * Short.BYTES, (short) (weight & (1 << LOW_BITS) - 1));
    }

    @Override
    public void resample(byte[] rgb, int length, int[] planes, int to) {
        if (length < reach) {
            throw new IllegalArgumentException("a row of " + length + " bytes, expected " + reach + " at least");
        }
        source.ensure((long) length + 3L * groups * TAPS + READ_BEYOND);
        source.words().put(0, rgb, 0, length);
        long starts = weights.address();
        try {
            Bridge.resampleRow(
                    filled, groups, source.address(), starts, starts + (long) filled * Integer.BYTES, out.address());
        } finally {
            Reference.reachabilityFence(this);
        }
        for (int plane = 0; plane < 3; plane++) {
            samples.get(plane * filled, planes, to + plane * positions, positions);
        }
    }

    @Override
    public long kept() {
        return (long) weights.capacity() + source.capacity() + out.capacity();
    }
}
