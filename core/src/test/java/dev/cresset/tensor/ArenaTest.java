package dev.cresset.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Buffers whose memory may go before they do: those of an {@code Arena}, from Java 22 on. */
class ArenaTest {

    private static final int FLOATS = 4;

    @BeforeEach
    void requireArenas() {
        assumeTrue(Runtime.version().feature() >= 22, "arenas came with Java 22");
    }

    private static AutoCloseable arena(String kind) throws ReflectiveOperationException {
        return (AutoCloseable)
                Class.forName("java.lang.foreign.Arena").getMethod(kind).invoke(null);
    }

    private static ByteBuffer buffer(AutoCloseable arena) throws ReflectiveOperationException {
        Method allocate = Class.forName("java.lang.foreign.Arena").getMethod("allocate", long.class, long.class);
        Object segment = allocate.invoke(arena, FLOATS * (long) Float.BYTES, 64L);
        Method asByteBuffer = Class.forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer");
        return ((ByteBuffer) asByteBuffer.invoke(segment)).order(ByteOrder.nativeOrder());
    }

    @Test
    void acquire_afterTheArenaIsClosed_isRefused() throws Exception {
        for (boolean typed : new boolean[] {true, false}) {
            AutoCloseable arena = arena("ofShared");
            ByteBuffer bytes = buffer(arena);
            Tensor tensor = Tensor.wrap(DataType.FLOAT32, typed ? bytes.asFloatBuffer() : bytes, FLOATS);
            Tensor part = tensor.lendPart(1, 2);
            tensor.acquire().release();
            arena.close();

            assertThatIllegalStateException()
                    .isThrownBy(tensor::acquire)
                    .withMessageContaining("an arena that is closed");
            assertThatIllegalStateException()
                    .isThrownBy(part::acquire)
                    .withMessageContaining("an arena that is closed");
            assertThatIllegalStateException().isThrownBy(tensor::toFloatArray);
            tensor.close();
        }
    }

    @Test
    void wrap_afterTheArenaIsClosed_isRefused() throws Exception {
        AutoCloseable arena = arena("ofShared");
        ByteBuffer bytes = buffer(arena);
        arena.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> Tensor.wrap(DataType.FLOAT32, bytes, FLOATS))
                .withMessageContaining("an arena that is closed");
    }

    @Test
    void acquire_ofAnotherThreadsArena_isRefused() throws Exception {
        try (AutoCloseable arena = arena("ofConfined");
                Tensor tensor = Tensor.wrap(DataType.FLOAT32, buffer(arena), FLOATS)) {
            tensor.acquire().release();
            CompletableFuture<Memory> elsewhere = CompletableFuture.supplyAsync(tensor::acquire);
            assertThat(elsewhere)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .havingRootCause()
                    .withMessageContaining("thread");
        }
    }

    @Test
    void wrap_ofAnUnalignedView_isRefused() throws Exception {
        try (AutoCloseable arena = arena("ofShared")) {
            ByteBuffer odd = buffer(arena).position(2).slice().order(ByteOrder.nativeOrder());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Tensor.wrap(odd.asFloatBuffer(), FLOATS - 1))
                    .withMessageContaining("must start at a multiple of 4 bytes");
        }
    }
}
