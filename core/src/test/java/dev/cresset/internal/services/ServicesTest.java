package dev.cresset.internal.services;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Handler;
import dev.cresset.HandlerProvider;
import dev.cresset.handler.BuiltIns;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Providers that only the thread's class loader sees. */
class ServicesTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** What an application brings. */
    public static final class Offered implements HandlerProvider {
        @Override
        public Set<String> names() {
            return Set.of("the application's");
        }

        @Override
        public Handler<byte[], String> open(String name, ModelArchive archive) {
            throw new IllegalStateException("nobody asks for it here");
        }
    }

    private List<HandlerProvider> seenWith(String names) throws IOException {
        Path file = folder.resolve("META-INF/services/" + HandlerProvider.class.getName());
        Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(file, names);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader application =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, Services.class.getClassLoader())) {
            thread.setContextClassLoader(application);
            return Services.all(HandlerProvider.class);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void all_seesWhatTheContextClassLoaderSees_afterItsOwnAndOnce() throws IOException {
        List<HandlerProvider> own = Services.all(HandlerProvider.class);
        List<HandlerProvider> seen = seenWith(Offered.class.getName() + "\n");

        assertThat(own).noneMatch(Offered.class::isInstance).anyMatch(BuiltIns.class::isInstance);
        assertThat(seen).hasSize(own.size() + 1);
        assertThat(seen.get(seen.size() - 1)).isInstanceOf(Offered.class);
    }

    /** As one is that was made for another copy of Cresset. */
    @Test
    void all_passesOverWhatIsNoProviderHere() throws IOException {
        List<HandlerProvider> seen = seenWith("java.lang.String\nno.such.Class\n" + Offered.class.getName() + "\n");

        assertThat(seen.get(seen.size() - 1)).isInstanceOf(Offered.class);
    }
}
