package dev.cresset.tensor;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/**
 * A tensor's bytes as the buffer of its element type. The bytes are a {@code ByteBuffer}, unless the tensor wraps a
 * caller's typed buffer: then they are that, for Java has no way from a typed buffer back to bytes.
 */
final class Views {

    /** Copied over what is to be cleared: the fastest way that Java 17 has. */
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(16 << 10);

    private Views() {}

    static ByteBuffer bytes(Buffer root) {
        if (root instanceof ByteBuffer bytes) {
            return bytes.duplicate().order(ByteOrder.nativeOrder());
        }
        throw new ClassCastException(
                "the tensor wraps a typed buffer, which Java cannot show as bytes; use the view of "
                        + "its type, or wrap a ByteBuffer");
    }

    static ShortBuffer shorts(Buffer root) {
        return root instanceof ShortBuffer shorts
                ? shorts.duplicate()
                : bytes(root).asShortBuffer();
    }

    static IntBuffer ints(Buffer root) {
        return root instanceof IntBuffer ints ? ints.duplicate() : bytes(root).asIntBuffer();
    }

    static LongBuffer longs(Buffer root) {
        return root instanceof LongBuffer longs
                ? longs.duplicate()
                : bytes(root).asLongBuffer();
    }

    static FloatBuffer floats(Buffer root) {
        return root instanceof FloatBuffer floats
                ? floats.duplicate()
                : bytes(root).asFloatBuffer();
    }

    static DoubleBuffer doubles(Buffer root) {
        return root instanceof DoubleBuffer doubles
                ? doubles.duplicate()
                : bytes(root).asDoubleBuffer();
    }

    /** Copies all elements, between roots of which either may be bytes or of the tensor's own type. */
    static void copy(Buffer from, Buffer to) {
        if (from instanceof ShortBuffer || to instanceof ShortBuffer) {
            shorts(to).put(shorts(from));
        } else if (from instanceof IntBuffer || to instanceof IntBuffer) {
            ints(to).put(ints(from));
        } else if (from instanceof LongBuffer || to instanceof LongBuffer) {
            longs(to).put(longs(from));
        } else if (from instanceof FloatBuffer || to instanceof FloatBuffer) {
            floats(to).put(floats(from));
        } else if (from instanceof DoubleBuffer || to instanceof DoubleBuffer) {
            doubles(to).put(doubles(from));
        } else {
            bytes(to).put(bytes(from));
        }
    }

    /**
     * Reads something, so that Java looks whether it may.
     *
     * @throws IllegalStateException if the buffer is of an arena that is closed, or that only another thread may use
     */
    static void touch(Buffer root) {
        if (root.limit() == 0) {
            return;
        }
        try {
            read(root);
        } catch (IllegalStateException e) {
            throw new IllegalStateException("the tensor wraps a buffer of an arena that is closed", e);
        } catch (RuntimeException e) {
            // WrongThreadException, which Java 17 does not know.
            throw new IllegalStateException("the tensor wraps a buffer that this thread may not read: " + e, e);
        }
    }

    private static void read(Buffer root) {
        if (root instanceof ByteBuffer bytes) {
            bytes.get(0);
        } else if (root instanceof FloatBuffer floats) {
            floats.get(0);
        } else if (root instanceof LongBuffer longs) {
            longs.get(0);
        } else if (root instanceof IntBuffer ints) {
            ints.get(0);
        } else if (root instanceof ShortBuffer shorts) {
            shorts.get(0);
        } else if (root instanceof DoubleBuffer doubles) {
            doubles.get(0);
        }
    }

    /** Writes zeros to all elements. */
    static void clear(Buffer root) {
        if (root instanceof ByteBuffer bytes) {
            for (int i = 0; i < bytes.limit(); i += ZEROS.limit()) {
                bytes.put(i, ZEROS, 0, Math.min(ZEROS.limit(), bytes.limit() - i));
            }
        } else {
            int unit = root instanceof ShortBuffer
                    ? 2
                    : root instanceof LongBuffer || root instanceof DoubleBuffer ? 8 : 4;
            copy(ByteBuffer.allocateDirect(root.limit() * unit), root);
        }
    }
}
