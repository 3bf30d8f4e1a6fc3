package dev.cresset.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.engine.InThread;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What a tensor shares, copies, refuses and survives. */
class TensorTest {

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    // ---- making ----

    @Test
    void of_copiesEveryType() {
        try (Tensor f = Tensor.of(new float[] {1.5f}, 1);
                Tensor d = Tensor.of(new double[] {2.5}, 1);
                Tensor b = Tensor.of(new byte[] {-3}, 1);
                Tensor u = Tensor.of(DataType.UINT8, new byte[] {(byte) 200}, 1);
                Tensor s = Tensor.of(new short[] {-4}, 1);
                Tensor i = Tensor.of(new int[] {5}, 1);
                Tensor l = Tensor.of(new long[] {1L << 40}, 1);
                Tensor z = Tensor.of(new boolean[] {true, false}, 2)) {
            assertThat(f.toFloatArray()).containsExactly(1.5f);
            assertThat(d.toDoubleArray()).containsExactly(2.5);
            assertThat(b.toByteArray()).containsExactly(-3);
            assertThat(u.toByteArray()).containsExactly(200 - 256);
            assertThat(s.toShortArray()).containsExactly((short) -4);
            assertThat(i.toIntArray()).containsExactly(5);
            assertThat(l.toLongArray()).containsExactly(1L << 40);
            assertThat(z.toBooleanArray()).containsExactly(true, false);
            assertThat(f.asFloatBuffer().get(0)).isEqualTo(1.5f);
            assertThat(d.asDoubleBuffer().get(0)).isEqualTo(2.5);
            assertThat(s.asShortBuffer().get(0)).isEqualTo((short) -4);
            assertThat(i.asIntBuffer().get(0)).isEqualTo(5);
            assertThat(l.asLongBuffer().get(0)).isEqualTo(1L << 40);
            assertThat(z.asByteBuffer().get(0)).isEqualTo((byte) 1);
        }
    }

    @Test
    void of_rows_hasTwoDimensions_andRowsAreOfOneLength() {
        try (Tensor floats = Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}});
                Tensor longs = Tensor.of(new long[][] {{7}, {8}});
                Tensor none = Tensor.of(new float[0][])) {
            assertThat(floats.shape()).containsExactly(2, 3);
            assertThat(floats.toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(longs.shape()).containsExactly(2, 1);
            assertThat(longs.toLongArray()).containsExactly(7, 8);
            assertThat(none.shape()).containsExactly(0, 0);
        }
        assertThatThrownBy(() -> Tensor.of(new long[][] {{1, 2}, {3, 4}, {5}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 3 has 1 elements, expected 2 as in row 1");
    }

    @Test
    void of_aScalarHasNoDimensions_andAnEmptyTensorNoElements() {
        try (Tensor scalar = Tensor.of(new float[] {7});
                Tensor empty = Tensor.of(new float[0], 0, 3)) {
            assertThat(scalar.shape()).isEmpty();
            assertThat(scalar.elements()).isEqualTo(1);
            assertThat(empty.elements()).isZero();
            assertThat(empty.toFloatArray()).isEmpty();
            assertThat(empty.asFloatBuffer().remaining()).isZero();
        }
    }

    @Test
    void of_shapeThatDoesNotFit() {
        assertThatThrownBy(() -> Tensor.of(new float[5], 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shape [2, 3] has 6 elements, the array 5");
        assertThatThrownBy(() -> Tensor.of(new float[5], -5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative size");
    }

    @Test
    void allocate_isZeroedAndAligned() {
        try (Tensor tensor = Tensor.allocate(DataType.FLOAT32, 3, 5)) {
            assertThat(tensor.toFloatArray()).containsOnly(0).hasSize(15);
            assertThat(tensor.asByteBuffer().alignmentOffset(0, 64)).isZero();
        }
    }

    @Test
    void allocate_moreThanABufferHolds() {
        assertThatThrownBy(() -> Tensor.allocate(DataType.FLOAT32, 1L << 30))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 GiB");
        assertThatThrownBy(() -> Tensor.allocate(DataType.FLOAT32, 1L << 40, 1L << 40))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ---- wrapping ----

    @Test
    void wrap_sharesMemoryBetweenPositionAndLimit() {
        FloatBuffer floats = direct(40).asFloatBuffer();
        floats.position(2).limit(6);
        try (Tensor tensor = Tensor.wrap(floats, 2, 2)) {
            floats.put(2, 20).put(5, 50);
            assertThat(tensor.toFloatArray()).containsExactly(20, 0, 0, 50);
            tensor.asFloatBuffer().put(1, 30);
            assertThat(floats.get(3)).isEqualTo(30);
            assertThat(floats.position()).isEqualTo(2);
        }
        assertThat(floats.get(5)).as("the caller's buffer outlives the tensor").isEqualTo(50);
    }

    @Test
    void wrap_everyTypedBuffer() {
        List<Buffer> buffers = List.of(
                direct(8).asDoubleBuffer(),
                direct(8).asLongBuffer(),
                direct(8).asIntBuffer(),
                direct(8).asFloatBuffer(),
                direct(8).asShortBuffer(),
                direct(8));
        List<DataType> types = new ArrayList<>();
        for (Buffer buffer : buffers) {
            try (Tensor tensor = Tensor.wrap(buffer, buffer.remaining())) {
                types.add(tensor.dataType());
            }
        }
        assertThat(types)
                .containsExactly(
                        DataType.FLOAT64,
                        DataType.INT64,
                        DataType.INT32,
                        DataType.FLOAT32,
                        DataType.INT16,
                        DataType.INT8);
    }

    @Test
    void wrap_bytesAsAnyType() {
        ByteBuffer bytes = direct(16).putFloat(0, 1.5f);
        try (Tensor tensor = Tensor.wrap(DataType.FLOAT32, bytes, 4)) {
            assertThat(tensor.toFloatArray()[0]).isEqualTo(1.5f);
        }
    }

    @Test
    void wrap_refusesWhatItCannotShare() {
        assertThatThrownBy(() -> Tensor.wrap(FloatBuffer.allocate(4), 4))
                .hasMessageContaining("heap")
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.wrap(direct(16).asFloatBuffer().asReadOnlyBuffer(), 4))
                .hasMessageContaining("written")
                .isInstanceOf(IllegalArgumentException.class);
        ByteOrder foreign =
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        assertThatThrownBy(() -> Tensor.wrap(direct(16).order(foreign).asFloatBuffer(), 4))
                .hasMessageContaining("native order")
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.wrap(DataType.FLOAT32, direct(16).order(foreign), 4))
                .hasMessageContaining("native order")
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.wrap(direct(16).asFloatBuffer(), 5))
                .hasMessageContaining("needs 20 bytes, the buffer has 16")
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.wrap(DataType.INT64, direct(16).asFloatBuffer(), 2))
                .hasMessageContaining("FloatBuffer")
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        Tensor.wrap(DataType.FLOAT32, direct(16).position(2).limit(10), 2))
                .hasMessageContaining("multiple of 4")
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.wrap(direct(16).asCharBuffer(), 8))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ---- types ----

    @Test
    void asX_ofAnotherType() {
        try (Tensor tensor = Tensor.of(new long[] {1}, 1)) {
            assertThatThrownBy(tensor::asFloatBuffer)
                    .isInstanceOf(ClassCastException.class)
                    .hasMessage("asFloatBuffer needs [float32], this is a tensor int64 [1]");
            assertThatThrownBy(tensor::toIntArray).isInstanceOf(ClassCastException.class);
        }
    }

    @Test
    void toFloatArray_widensHalves() {
        short[] half = {0x3c00, (short) 0xc000, 0x7bff, 0x0001, (short) 0x8000, 0x7c00, 0x7e00, 0x0400, 0x03ff};
        try (Tensor tensor = Tensor.of(DataType.FLOAT16, half, half.length)) {
            assertThat(tensor.toFloatArray())
                    .containsExactly(
                            1,
                            -2,
                            65504,
                            0x1p-24f,
                            -0.0f,
                            Float.POSITIVE_INFINITY,
                            Float.NaN,
                            0x1p-14f,
                            1023 * 0x1p-24f);
        }
        try (Tensor tensor = Tensor.of(DataType.BFLOAT16, new short[] {0x3f80, (short) 0xc040}, 2)) {
            assertThat(tensor.toFloatArray()).containsExactly(1, -3);
        }
    }

    @Test
    void copyTo_anArrayThatIsTooShort() {
        try (Tensor tensor = Tensor.of(new float[] {1, 2}, 2)) {
            assertThatThrownBy(() -> tensor.copyTo(new float[1])).isInstanceOf(IllegalArgumentException.class);
            float[] target = new float[3];
            tensor.copyTo(target);
            assertThat(target).containsExactly(1, 2, 0);
        }
    }

    // ---- life ----

    @Test
    void close_isIdempotent_andEndsAllAccess() {
        Tensor tensor = Tensor.of(new float[] {1}, 1);
        tensor.close();
        tensor.close();
        assertThat(tensor.isClosed()).isTrue();
        assertThat(tensor.shape()).containsExactly(1);
        assertThatThrownBy(tensor::asFloatBuffer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tensor float32 [1] is closed");
        assertThatThrownBy(tensor::toFloatArray).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(tensor::acquire).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> tensor.lend(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void view_readAfterClose_readsNobodyElsesMemory() {
        // On these JDKs nothing can make a buffer throw; what is promised is that its memory is still its own.
        List<FloatBuffer> views = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Tensor tensor = Tensor.of(new float[] {i, i}, 2);
            views.add(tensor.asFloatBuffer());
            tensor.close();
        }
        for (int i = 0; i < 1000; i++) {
            assertThat(views.get(i).get(1)).isEqualTo(i);
        }
    }

    @Test
    void engineMemory_isGivenBackAtClose_orAfterTheLastUser() {
        AtomicInteger freed = new AtomicInteger();
        Tensor tensor = engineTensor(freed);
        Memory user = tensor.acquire();
        tensor.close();
        assertThat(freed).hasValue(0);
        user.release();
        assertThat(freed).hasValue(1);
    }

    @Test
    void engineMemory_thatWasViewed_isGivenBackAfterTheView() throws Exception {
        AtomicInteger freed = new AtomicInteger();
        Tensor tensor = engineTensor(freed);
        FloatBuffer view = tensor.asFloatBuffer();
        tensor.close();
        System.gc();
        assertThat(freed).hasValue(0);
        assertThat(view.get(0)).isZero();
        view = null;
        collectUntil(freed);
        assertThat(freed).hasValue(1);
    }

    @Test
    void engineMemory_ofAForgottenTensor_isGivenBack() throws Exception {
        AtomicInteger freed = new AtomicInteger();
        engineTensor(freed);
        collectUntil(freed);
        assertThat(freed).hasValue(1);
    }

    @Test
    void close_fromManyThreadsAtOnce_givesBackOnce() {
        for (int round = 0; round < 500; round++) {
            AtomicInteger freed = new AtomicInteger();
            Tensor tensor = engineTensor(freed);
            CompletableFuture.allOf(InThread.run(tensor::close), InThread.run(tensor::close), InThread.run(() -> {
                        try {
                            tensor.toFloatArray();
                        } catch (IllegalStateException e) {
                            assertThat(e).hasMessageContaining("closed");
                        }
                    }))
                    .join();
            assertThat(freed).hasValue(1);
        }
    }

    @Test
    void leakDetection_saysWhereAForgottenTensorWasMade() throws Exception {
        List<LogRecord> records = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public synchronized void publish(LogRecord record) {
                records.add(record);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("dev.cresset");
        logger.addHandler(handler);
        System.setProperty("cresset.leakDetection", "true");
        try {
            AtomicInteger freed = new AtomicInteger();
            engineTensor(freed).close();
            AtomicInteger forgotten = new AtomicInteger();
            engineTensor(forgotten);
            collectUntil(forgotten);
        } finally {
            System.clearProperty("cresset.leakDetection");
            logger.removeHandler(handler);
        }
        assertThat(records).hasSize(1);
        assertThat(records.get(0).getMessage()).contains("never closed");
        assertThat(records.get(0).getThrown()).hasMessageContaining("tensor float32 [1] was made here");
    }

    @Test
    void lend_dies_andLeavesTheMemory() {
        try (Tensor owner = Tensor.of(new float[] {1, 2}, 1, 2)) {
            Tensor lent = owner.lend(2);
            assertThat(lent.toFloatArray()).containsExactly(1, 2);
            lent.close();
            assertThatThrownBy(lent::toFloatArray)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("lent to a callback that has returned");
            assertThat(owner.toFloatArray()).containsExactly(1, 2);
            assertThatThrownBy(() -> owner.lend(3)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Tensor engineTensor(AtomicInteger freed) {
        Memory memory = Memory.ofEngine(
                1, Float.BYTES, (address, bytes) -> ByteBuffer.allocateDirect(bytes), freed::incrementAndGet);
        return Tensor.ofEngine(DataType.FLOAT32, new long[] {1}, memory);
    }

    private static void collectUntil(AtomicInteger freed) throws InterruptedException {
        for (int i = 0; i < 100 && freed.get() == 0; i++) {
            System.gc();
            synchronized (freed) {
                freed.wait(20); // nobody notifies: the cleaner's thread needs a moment of its own
            }
        }
    }

    @Test
    void shapes_thatOverflow_areRefusedInOneSentence() {
        long[] shape = {1L << 40, 1L << 40};
        Tensor tensor = Tensor.of(new float[] {1}, 1);
        for (Supplier<Tensor> making : List.<Supplier<Tensor>>of(
                () -> Tensor.of(new float[1], shape),
                () -> Tensor.of(new long[1], Long.MAX_VALUE, 3),
                () -> Tensor.of(DataType.UINT8, new byte[1], shape),
                () -> tensor.lend(shape),
                () -> tensor.lendBlank(shape),
                () -> tensor.lendPart(0, shape),
                () -> Tensor.allocate(DataType.FLOAT32, shape),
                () -> Tensor.allocate(DataType.INT8, Long.MAX_VALUE),
                () -> Tensor.wrap(direct(16).asFloatBuffer(), shape))) {
            assertThatThrownBy(making::get)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(
                            ".*\\[.*\\].*(more elements than any tensor can have|is too large for one Java buffer).*");
        }
        tensor.close();
    }

    @Test
    void shapes_withAZero_areEmptyHoweverLargeTheRest() {
        try (Tensor empty = Tensor.allocate(DataType.FLOAT32, 1L << 40, 1L << 40, 0)) {
            assertThat(empty.elements()).isZero();
            assertThat(empty.toFloatArray()).isEmpty();
        }
    }

    @Test
    @SuppressWarnings("NullAway") // as callers do whom nobody checks
    void wrap_null_namesWhatIsNull() {
        assertThatThrownBy(() -> Tensor.wrap(null, 1))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("direct");
        assertThatThrownBy(() -> Tensor.wrap(DataType.FLOAT32, null, 1))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("direct");
        assertThatThrownBy(() -> Tensor.wrap(null, direct(4), 1))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("type");
        assertThatThrownBy(() -> Tensor.allocate(null, 1))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("type");
        assertThatThrownBy(() -> Tensor.allocate(DataType.INT8, (long[]) null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("shape");
    }

    @Test
    void wrap_ofAnUnalignedView_isRefused() {
        ByteBuffer odd = direct(64).position(1);
        ByteBuffer bytes = odd.slice().order(ByteOrder.nativeOrder());
        for (Buffer view : List.of(
                bytes.asFloatBuffer(),
                bytes.asDoubleBuffer(),
                bytes.asLongBuffer(),
                bytes.asIntBuffer(),
                bytes.asShortBuffer())) {
            assertThatThrownBy(() -> Tensor.wrap(view, view.remaining()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must start at a multiple of");
        }
    }

    @Test
    void lendBlank_showsZerosAndKeepsWhatIsWritten() {
        try (Tensor tensor = Tensor.of(new float[] {1, 2, 3, 4}, 4)) {
            Tensor blank = tensor.lendBlank(2, 2);
            blank.asFloatBuffer().put(5);
            blank.asFloatBuffer().put(3, 6);
            assertThat(blank.toFloatArray()).containsExactly(5, 0, 0, 6);
            blank.close();
            assertThat(tensor.toFloatArray()).containsExactly(5, 0, 0, 6);

            tensor.lendBlank(4).copyFrom(new float[] {1, 2, 3, 4});
            assertThat(tensor.toFloatArray()).containsExactly(1, 2, 3, 4);
            assertThatThrownBy(() -> tensor.lendBlank(4).copyFrom(new float[3]))
                    .isInstanceOf(IllegalArgumentException.class);
            tensor.lendBlank(4).close();
            assertThat(tensor.toFloatArray()).containsOnly(0);
        }
    }

    @Test
    void lendBlank_ofACallersBuffer_clearsIt() {
        FloatBuffer floats =
                direct(16).asFloatBuffer().put(new float[] {1, 2, 3, 4}).flip();
        try (Tensor tensor = Tensor.wrap(floats, 4)) {
            tensor.lendBlank(4).asFloatBuffer().put(9);
            assertThat(floats.get(0)).isEqualTo(9);
            assertThat(floats.get(1)).isZero();
        }
    }
}
