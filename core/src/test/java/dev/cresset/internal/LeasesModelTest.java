package dev.cresset.internal;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/** Whatever order the steps of users and closers come in: freed once, after the last user, and nobody uses what is freed. */
public class LeasesModelTest {

    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger frees = new AtomicInteger();
    private final Leases leases = new Leases(() -> {
        if (inside.get() != 0) {
            throw new IllegalStateException("freed under a user");
        }
        if (frees.incrementAndGet() != 1) {
            throw new IllegalStateException("freed twice");
        }
    });

    /** Enters and leaves; false if it is closed. */
    @Operation
    public boolean use() {
        if (!leases.enter()) {
            return false;
        }
        inside.incrementAndGet();
        if (frees.get() != 0) {
            throw new IllegalStateException("used after it was freed");
        }
        inside.decrementAndGet();
        leases.leave();
        return true;
    }

    /** Closes. */
    @Operation
    public void close() {
        leases.close();
    }

    /** Whether it is closed. */
    @Operation
    public boolean isClosed() {
        return leases.isClosed();
    }

    @Test
    void modelChecking() {
        new ModelCheckingOptions()
                .iterations(10 * Effort.factor())
                .invocationsPerIteration(500)
                .check(LeasesModelTest.class);
    }

    @Test
    void stress() {
        new StressOptions()
                .iterations(5 * Effort.factor())
                .invocationsPerIteration(1000)
                .check(LeasesModelTest.class);
    }
}
