package dev.cresset.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** The count of bytes that tensors hold outside the heap. */
class MemoryAliveTest {

    /** Larger than what a collected tensor of another test may bring back meanwhile. */
    private static final int MIB = 1 << 20;

    @Test
    void alive_countsAnAllocatedTensorUntilItIsClosed() {
        long before = Memory.alive();
        try (Tensor tensor = Tensor.allocate(DataType.FLOAT32, 64, MIB)) {
            assertThat(Memory.alive() - before).isGreaterThan(200L * MIB);
            assertThat(tensor.isClosed()).isFalse();
        }
        assertThat(Memory.alive()).isLessThanOrEqualTo(before);
    }

    @Test
    void alive_countsAnEnginesMemoryUntilItsLastUserGoes() {
        MemoryUsers users = MemoryUsers.of(512L * MIB, () -> {});
        long held = Memory.alive();
        users.acquire();

        users.releaseOwner();
        assertThat(Memory.alive()).isGreaterThan(held - 256L * MIB);
        users.release();
        assertThat(Memory.alive()).isLessThan(held - 256L * MIB);
    }

    @Test
    void alive_leavesOutWhatCallersLend() {
        ByteBuffer lent = ByteBuffer.allocateDirect(64 * MIB).order(ByteOrder.nativeOrder());
        long before = Memory.alive();
        try (Tensor tensor = Tensor.wrap(DataType.UINT8, lent, 64 * MIB)) {
            assertThat(tensor.isClosed()).isFalse();
            assertThat(Memory.alive()).isLessThanOrEqualTo(before);
        }
    }
}
