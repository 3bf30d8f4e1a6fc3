package dev.cresset.tensor;

import java.lang.ref.Cleaner;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A dense array of numbers in off-heap memory, row-major and in native byte order: what a model takes and answers with.
 *
 * <p>The shape lists the sizes of the dimensions, outermost first; a scalar's is empty. Who makes a tensor closes it; what
 * a model returns, its caller closes. Close is idempotent and may come from any thread, also while a call reads the
 * tensor: the memory goes when the call is done. A tensor that was forgotten is freed after it has become garbage.
 *
 * <p>{@code asX} gives a view: the tensor's own memory, no copy. Ask for views before {@link #close}; after it, they are
 * dead: what they show no longer has a meaning, though touching them is never a crash. Memory that was viewed returns to
 * the system when the views are garbage. {@code toX} copies to the heap.
 *
 * <p>Several threads may read a tensor. Do not write to it while a call uses it.
 */
public final class Tensor implements Value {

    private final DataType type;
    private final long[] shape;
    private final Cleaner.@Nullable Cleanable cleanable;
    private final LeakDetection.Origin origin;
    private final boolean lent;
    private volatile @Nullable Memory memory; // null once closed, so that views alone decide when it goes
    private volatile boolean blank; // to be cleared before anybody sees what is there

    private Tensor(DataType type, long[] shape, Memory memory, boolean lent, boolean cleaned) {
        this.type = type;
        this.shape = shape;
        this.memory = memory;
        this.lent = lent;
        this.origin = lent ? LeakDetection.Origin.NONE : LeakDetection.origin(type, shape);
        this.cleanable = cleaned || origin.isKnown()
                ? Memory.CLEANER.register(this, new Forgotten(memory.users(), origin))
                : null;
    }

    // ---- making ----

    /** Copies floats into a new float32 tensor. */
    public static Tensor of(float[] data, long... shape) {
        Tensor tensor = allocate(DataType.FLOAT32, counted(data.length, shape));
        Views.floats(tensor.buffer()).put(data);
        return tensor;
    }

    /** Copies doubles into a new float64 tensor. */
    public static Tensor of(double[] data, long... shape) {
        Tensor tensor = allocate(DataType.FLOAT64, counted(data.length, shape));
        Views.doubles(tensor.buffer()).put(data);
        return tensor;
    }

    /** Copies bytes into a new int8 tensor. For pixels see {@link #of(DataType, byte[], long...)}. */
    public static Tensor of(byte[] data, long... shape) {
        return of(DataType.INT8, data, shape);
    }

    /** Copies shorts into a new int16 tensor. */
    public static Tensor of(short[] data, long... shape) {
        return of(DataType.INT16, data, shape);
    }

    /** Copies ints into a new int32 tensor. */
    public static Tensor of(int[] data, long... shape) {
        Tensor tensor = allocate(DataType.INT32, counted(data.length, shape));
        Views.ints(tensor.buffer()).put(data);
        return tensor;
    }

    /** Copies longs into a new int64 tensor. */
    public static Tensor of(long[] data, long... shape) {
        Tensor tensor = allocate(DataType.INT64, counted(data.length, shape));
        Views.longs(tensor.buffer()).put(data);
        return tensor;
    }

    /**
     * Copies rows of floats into a new float32 tensor of two dimensions.
     *
     * @throws IllegalArgumentException if a row is not as long as the first
     */
    public static Tensor of(float[][] rows) {
        Tensor tensor = allocate(DataType.FLOAT32, shapeOf(rows.length, row -> rows[row].length));
        FloatBuffer floats = Views.floats(tensor.buffer());
        for (float[] row : rows) {
            floats.put(row);
        }
        return tensor;
    }

    /**
     * Copies rows of longs, such as token ids, into a new int64 tensor of two dimensions.
     *
     * @throws IllegalArgumentException if a row is not as long as the first
     */
    public static Tensor of(long[][] rows) {
        Tensor tensor = allocate(DataType.INT64, shapeOf(rows.length, row -> rows[row].length));
        LongBuffer longs = Views.longs(tensor.buffer());
        for (long[] row : rows) {
            longs.put(row);
        }
        return tensor;
    }

    /** Copies booleans into a new bool tensor. */
    public static Tensor of(boolean[] data, long... shape) {
        Tensor tensor = allocate(DataType.BOOL, counted(data.length, shape));
        ByteBuffer bytes = Views.bytes(tensor.buffer());
        for (int i = 0; i < data.length; i++) {
            bytes.put(i, (byte) (data[i] ? 1 : 0));
        }
        return tensor;
    }

    /** Copies bytes into a new tensor of int8, uint8 or bool. */
    public static Tensor of(DataType type, byte[] data, long... shape) {
        requireOneOf(type, "bytes", DataType.INT8, DataType.UINT8, DataType.BOOL);
        Tensor tensor = allocate(type, counted(data.length, shape));
        Views.bytes(tensor.buffer()).put(0, data);
        return tensor;
    }

    /** Copies shorts into a new tensor of int16, or the bits of half-precision numbers into float16 or bfloat16. */
    public static Tensor of(DataType type, short[] data, long... shape) {
        requireOneOf(type, "shorts", DataType.INT16, DataType.FLOAT16, DataType.BFLOAT16);
        Tensor tensor = allocate(type, counted(data.length, shape));
        Views.shorts(tensor.buffer()).put(data);
        return tensor;
    }

    /**
     * A new tensor of zeros, to be filled through a view.
     *
     * @throws OutOfMemoryError if off-heap memory is used up; {@code -XX:MaxDirectMemorySize} says how much there is
     */
    public static Tensor allocate(DataType type, long... shape) {
        Objects.requireNonNull(type, "type");
        long[] sizes = Shapes.checked(shape);
        return new Tensor(type, sizes, Memory.allocate(Shapes.bufferBytes(type, sizes)), false, false);
    }

    /**
     * A tensor over a direct buffer's remaining elements, from its position to its limit, without a copy. The type follows
     * from the buffer's: a {@code ByteBuffer} is int8, a {@code ShortBuffer} int16.
     *
     * <p>The buffer's memory must stay while a call uses the tensor. A buffer that Java allocated does; one of an {@code Arena}
     * that is closed is refused when it is wrapped and when a call begins, but nothing can be done about an arena that is
     * closed while a call runs: that ends the process.
     *
     * @throws IllegalArgumentException if the buffer is on the heap, read-only (a model may write to its inputs), not in
     *     native order, not aligned to its elements, or does not hold as many elements as the shape says
     * @throws IllegalStateException if the buffer is of an arena that is closed, or that only another thread may use
     */
    public static Tensor wrap(Buffer direct, long... shape) {
        return wrap(WrappedBuffers.typeOf(direct), direct, shape);
    }

    /**
     * A tensor over memory of the caller's, as {@link #wrap(Buffer, long...)} makes it, with the type given: a {@code
     * ByteBuffer} may hold elements of any, a {@code ShortBuffer} also float16 and bfloat16.
     */
    public static Tensor wrap(DataType type, Buffer direct, long... shape) {
        Objects.requireNonNull(type, "type");
        long[] sizes = Shapes.checked(shape);
        Buffer region = WrappedBuffers.region(direct, type, sizes);
        return new Tensor(type, sizes, Memory.lent(region, Shapes.bufferBytes(type, sizes)), false, false);
    }

    /** A tensor over memory of an engine: for engines. */
    public static Tensor ofEngine(DataType type, long[] shape, Memory memory) {
        return new Tensor(type, Shapes.checked(shape), memory, false, true);
    }

    /**
     * This tensor's memory, seen in another shape with as many elements, and for a while: it dies on {@link #close}, which frees
     * nothing.
     */
    public Tensor lend(long... as) {
        long[] sizes = Shapes.checked(as);
        if (Shapes.elements(sizes) != elements()) {
            throw new IllegalArgumentException(this + " has " + elements() + " elements, shape " + Arrays.toString(as)
                    + " has " + Shapes.elements(sizes));
        }
        return new Tensor(type, sizes, held(), true, false);
    }

    /**
     * Lends as {@link #lend} does, to somebody who must not see what the memory holds: to them it is zeros until they write. It
     * is cleared when they first ask for a view, or on {@link #close} if they never do; not at all if {@code copyFrom} writes
     * every element.
     */
    public Tensor lendBlank(long... as) {
        Tensor tensor = lend(as);
        tensor.blank = true;
        return tensor;
    }

    /**
     * Some of the same memory, from an element on, as a tensor of a shape of its own, and for a while: it dies on {@link #close},
     * which frees nothing. The rows of a batch, for instance.
     */
    public Tensor lendPart(long first, long... as) {
        long[] sizes = Shapes.checked(as);
        long count = Shapes.elements(sizes);
        if (first < 0 || first > elements() - count) {
            throw new IllegalArgumentException(
                    this + " has " + elements() + " elements, not " + count + " from element " + first + " on");
        }
        return new Tensor(type, sizes, held().part(first * type.bytes(), count * type.bytes()), true, false);
    }

    /** The bytes, to be referred to and not touched: what touches them counts as a user then. */
    private Memory held() {
        Memory held = memory;
        if (held == null || !held.isAlive()) {
            throw closed();
        }
        clearIfBlank();
        return held;
    }

    private void clearIfBlank() {
        if (blank) {
            clear();
        }
    }

    /** Once, however many threads ask for a view: what the first of them writes stays. */
    private synchronized void clear() {
        Memory held = memory;
        if (blank && held != null && held.acquire()) {
            try {
                held.clear();
                blank = false;
            } finally {
                held.release();
            }
        }
    }

    // ---- asking ----

    /** The sizes of the dimensions, outermost first; a copy. Answers after close too. */
    public long[] shape() {
        return shape.clone();
    }

    /** The type of the elements. Answers after close too. */
    public DataType dataType() {
        return type;
    }

    /** How many elements there are. Answers after close too. */
    public long elements() {
        return Shapes.elements(shape);
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return memory == null;
    }

    // ---- views ----

    /** The elements of a float32 tensor. */
    public FloatBuffer asFloatBuffer() {
        require("asFloatBuffer", DataType.FLOAT32);
        return Views.floats(view());
    }

    /** The elements of a float64 tensor. */
    public DoubleBuffer asDoubleBuffer() {
        require("asDoubleBuffer", DataType.FLOAT64);
        return Views.doubles(view());
    }

    /** The elements of an int16 tensor, or the bits of a float16 or bfloat16 one. */
    public ShortBuffer asShortBuffer() {
        require("asShortBuffer", DataType.INT16, DataType.FLOAT16, DataType.BFLOAT16);
        return Views.shorts(view());
    }

    /** The elements of an int32 tensor. */
    public IntBuffer asIntBuffer() {
        require("asIntBuffer", DataType.INT32);
        return Views.ints(view());
    }

    /** The elements of an int64 tensor. */
    public LongBuffer asLongBuffer() {
        require("asLongBuffer", DataType.INT64);
        return Views.longs(view());
    }

    /** The bytes of a tensor of any type, in native order. */
    public ByteBuffer asByteBuffer() {
        return Views.bytes(view());
    }

    // ---- copies ----

    /** Copies the elements of a float32, float16 or bfloat16 tensor; the halves are widened, which is exact. */
    public float[] toFloatArray() {
        float[] copy = new float[arrayLength()];
        copyTo(copy);
        return copy;
    }

    /** Copies the numbers into an array of the caller's, from index zero. Hot path: allocates nothing that grows. */
    public void copyTo(float[] target) {
        if (type != DataType.FLOAT32) {
            require("toFloatArray", DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16);
        }
        int length = arrayLength();
        if (target.length < length) {
            throw new IllegalArgumentException(this + " has " + length + " elements, the array " + target.length);
        }
        Memory held = acquire();
        try {
            if (type == DataType.FLOAT32) {
                held.get(target, length);
                return;
            }
            ShortBuffer bits = Views.shorts(held.buffer());
            for (int i = 0; i < length; i++) {
                target[i] = HalfToFloat.widen(type, bits.get(i));
            }
        } finally {
            held.release();
        }
    }

    /** Copies the elements of a float32 tensor from an array, which has as many. Hot path: allocates nothing that grows. */
    public void copyFrom(float[] source) {
        if (type != DataType.FLOAT32) {
            require("copyFrom(float[])", DataType.FLOAT32);
        }
        if (source.length != elements()) {
            throw new IllegalArgumentException(this + " has " + elements() + " elements, the array " + source.length);
        }
        Memory held = acquireAsItIs();
        try {
            held.put(source);
            blank = false;
        } finally {
            held.release();
        }
    }

    /** Copies the elements of a tensor of the same type and with as many elements. */
    public void copyFrom(Tensor source) {
        if (source.type != type || source.elements() != elements()) {
            throw new IllegalArgumentException(this + " cannot be filled from " + source);
        }
        Memory held = acquireAsItIs();
        try {
            source.reading(from -> Views.copy(from, held.buffer()));
            blank = false;
        } finally {
            held.release();
        }
    }

    /** A new tensor with the same elements, which the caller closes. */
    public Tensor copy() {
        Tensor copy = allocate(type, shape);
        copy.copyFrom(this);
        return copy;
    }

    /** Copies the elements of a float64 tensor. */
    public double[] toDoubleArray() {
        require("toDoubleArray", DataType.FLOAT64);
        double[] copy = new double[arrayLength()];
        reading(root -> Views.doubles(root).get(0, copy));
        return copy;
    }

    /** Copies the elements of an int8, uint8 or bool tensor. */
    public byte[] toByteArray() {
        require("toByteArray", DataType.INT8, DataType.UINT8, DataType.BOOL);
        byte[] copy = new byte[arrayLength()];
        reading(root -> Views.bytes(root).get(0, copy));
        return copy;
    }

    /** Copies the elements of an int16 tensor, or the bits of a float16 or bfloat16 one. */
    public short[] toShortArray() {
        require("toShortArray", DataType.INT16, DataType.FLOAT16, DataType.BFLOAT16);
        short[] copy = new short[arrayLength()];
        reading(root -> Views.shorts(root).get(0, copy));
        return copy;
    }

    /** Copies the elements of an int32 tensor. */
    public int[] toIntArray() {
        require("toIntArray", DataType.INT32);
        int[] copy = new int[arrayLength()];
        reading(root -> Views.ints(root).get(0, copy));
        return copy;
    }

    /** Copies the elements of an int64 tensor. */
    public long[] toLongArray() {
        require("toLongArray", DataType.INT64);
        long[] copy = new long[arrayLength()];
        reading(root -> Views.longs(root).get(0, copy));
        return copy;
    }

    /** Copies the elements of a bool tensor. */
    public boolean[] toBooleanArray() {
        require("toBooleanArray", DataType.BOOL);
        boolean[] copy = new boolean[arrayLength()];
        reading(root -> {
            ByteBuffer bytes = Views.bytes(root);
            for (int i = 0; i < copy.length; i++) {
                copy[i] = bytes.get(i) != 0;
            }
        });
        return copy;
    }

    // ---- life ----

    /** Gives the memory back, once no call and no view needs it. Closing again does nothing. */
    @Override
    public void close() {
        clearIfBlank();
        Memory held = memory;
        memory = null;
        if (lent || held == null) {
            return;
        }
        origin.closed();
        held.close();
        if (cleanable != null) {
            cleanable.clean();
        }
    }

    /**
     * The bytes, for an engine that is about to use them: the caller counts as a user until it calls {@link
     * Memory#release}.
     *
     * @throws IllegalStateException if the tensor is closed
     */
    public Memory acquire() {
        clearIfBlank();
        return acquireAsItIs();
    }

    private Memory acquireAsItIs() {
        Memory held = memory;
        if (held == null || !held.acquire()) {
            throw closed();
        }
        if (held.isBorrowed()) {
            requireThere(held);
        }
        return held;
    }

    private static void requireThere(Memory held) {
        boolean success = false;
        try {
            held.requireThere();
            success = true;
        } finally {
            if (!success) {
                held.release();
            }
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException(this + " is closed"
                + (lent ? ": it was lent to a callback that has returned; copy what you keep" : ""));
    }

    @Override
    public String toString() {
        return "tensor " + type + " " + Arrays.toString(shape);
    }

    /** For a tensor that nobody else knows yet. */
    private Buffer buffer() {
        Memory held = acquire();
        held.release();
        return held.buffer();
    }

    private Buffer view() {
        Memory held = acquire();
        try {
            return held.view();
        } finally {
            held.release();
        }
    }

    private interface Reading {
        void read(Buffer root);
    }

    private void reading(Reading reading) {
        Memory held = acquire();
        try {
            reading.read(held.buffer());
        } finally {
            held.release();
        }
    }

    private int arrayLength() {
        return Shapes.bufferBytes(type, shape) / type.bytes();
    }

    private void require(String method, DataType... allowed) {
        if (Arrays.asList(allowed).contains(type)) {
            return;
        }
        throw new ClassCastException(method + " needs " + Arrays.toString(allowed) + ", this is a " + this);
    }

    private static void requireOneOf(DataType type, String what, DataType... allowed) {
        if (!Arrays.asList(allowed).contains(type)) {
            throw new IllegalArgumentException(
                    what + " can be copied into " + Arrays.toString(allowed) + ", not into " + type);
        }
    }

    private static long[] shapeOf(int rows, IntUnaryOperator length) {
        int columns = rows == 0 ? 0 : length.applyAsInt(0);
        for (int row = 1; row < rows; row++) {
            if (length.applyAsInt(row) != columns) {
                throw new IllegalArgumentException("row " + (row + 1) + " has " + length.applyAsInt(row)
                        + " elements, expected " + columns + " as in row 1");
            }
        }
        return new long[] {rows, columns};
    }

    private static long[] counted(int length, long... shape) {
        if (Shapes.elements(Shapes.checked(shape)) != length) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " has " + Shapes.elements(shape)
                    + " elements, the array " + length);
        }
        return shape;
    }

    /** What a cleaner does with a tensor that became garbage, and what close() does, whichever comes first. */
    private record Forgotten(MemoryUsers users, LeakDetection.Origin origin) implements Runnable {
        @Override
        public void run() {
            origin.report();
            users.releaseOwner();
        }
    }
}
