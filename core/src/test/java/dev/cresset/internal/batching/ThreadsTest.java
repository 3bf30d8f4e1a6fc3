package dev.cresset.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The library's threads serve everybody: whoever happens to need the first one is nobody special. */
class ThreadsTest {

    @Test
    void newThread_hasNothingOfWhoNeedsIt() throws Exception {
        InheritableThreadLocal<String> user = new InheritableThreadLocal<>();
        user.set("the first caller's");
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        AtomicReference<String> seen = new AtomicReference<>("nothing was run");
        Thread thread;
        try (URLClassLoader application = new URLClassLoader(new URL[0], before)) {
            Thread.currentThread().setContextClassLoader(application);
            thread = new Threads("test").newThread(() -> seen.set(user.get()));
        } finally {
            Thread.currentThread().setContextClassLoader(before);
            user.remove();
        }
        thread.start();
        thread.join();

        assertThat(seen.get()).isNull();
        assertThat(thread.getContextClassLoader()).isSameAs(Threads.class.getClassLoader());
        assertThat(thread.isDaemon()).isTrue();
    }
}
