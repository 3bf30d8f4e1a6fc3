package dev.cresset.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BesideTest {

    @Test
    void get_ofWorkThatGoesOn_waits() {
        CountDownLatch go = new CountDownLatch(1);
        try (Beside<Integer> work = Beside.start("beside", () -> {
            go.await();
            return 5;
        })) {
            go.countDown();
            assertThat(work.get()).isEqualTo(5);
            assertThat(work.outcome()).contains(5);
        }
    }

    @Test
    void get_ofWhatFailed_throwsIt() {
        try (Beside<Integer> unchecked = Beside.start("beside", () -> {
                    throw new UnsupportedOperationException("no");
                });
                Beside<Integer> checked = Beside.now(() -> {
                    throw new IOException("gone");
                })) {
            assertThatThrownBy(unchecked::get).isInstanceOf(UnsupportedOperationException.class);
            assertThat(unchecked.outcome()).isEmpty();
            assertThatThrownBy(checked::get).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void close_interrupted_waitsAndStaysInterrupted() {
        CountDownLatch go = new CountDownLatch(1);
        Beside<Thread> work = Beside.start("beside", () -> {
            go.await();
            return Thread.currentThread();
        });
        Thread.currentThread().interrupt();
        go.countDown();
        work.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(work.outcome()).isPresent();
    }
}
