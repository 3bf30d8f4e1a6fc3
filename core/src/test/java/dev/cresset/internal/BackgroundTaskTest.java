package dev.cresset.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BackgroundTaskTest {

    @Test
    void get_ofWorkThatGoesOn_waits() {
        CountDownLatch go = new CountDownLatch(1);
        try (BackgroundTask<Integer> work = BackgroundTask.start("beside", () -> {
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
        try (BackgroundTask<Integer> unchecked = BackgroundTask.start("beside", () -> {
                    throw new UnsupportedOperationException("no");
                });
                BackgroundTask<Integer> checked = BackgroundTask.now(() -> {
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
        BackgroundTask<Thread> work = BackgroundTask.start("beside", () -> {
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
