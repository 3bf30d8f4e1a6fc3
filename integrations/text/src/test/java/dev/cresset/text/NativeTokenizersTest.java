package dev.cresset.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which library is loaded where, and what is said where there is none. */
class NativeTokenizersTest {

    @Test
    void platform_isTheJarsNameOfIt() {
        assertThat(NativeTokenizers.platform("Linux", "amd64")).isEqualTo("linux-x86_64");
        assertThat(NativeTokenizers.platform("Linux", "aarch64")).isEqualTo("linux-aarch64");
        assertThat(NativeTokenizers.platform("Mac OS X", "aarch64")).isEqualTo("osx-aarch64");
        assertThat(NativeTokenizers.platform("Windows 11", "amd64")).isEqualTo("win-x86_64");
    }

    @Test
    void missing_namesThePlatformAndTheWayOut() {
        assertThat(NativeTokenizers.missing("osx-x86_64"))
                .isEqualTo("there are no tokenizers for osx-x86_64, only for [linux-aarch64, linux-x86_64, osx-aarch64,"
                        + " win-x86_64]; -Dcresset.tokenizers=FILE names a library of your own");
    }

    @Test
    void get_twice_isTheSameLibrary() {
        assertThat(NativeTokenizers.get()).isSameAs(NativeTokenizers.get());
    }

    @Test
    void get_theirJarIsNotThere() throws Exception {
        try (URLClassLoader without = classPath(entry -> !entry.contains("tokenizers"))) {
            for (int time = 0; time < 2; time++) {
                assertThatThrownBy(() -> get(without))
                        .hasMessage("the tokenizers are not on the class path; add the dependency"
                                + " ai.djl.huggingface:tokenizers, which holds them");
            }
        }
    }

    @Test
    void get_aLibraryOfOnesOwn_thatIsNone(@TempDir Path folder) throws Exception {
        Path library = Files.writeString(folder.resolve("own.so"), "not a library");
        System.setProperty("cresset.tokenizers", library.toString());
        try (URLClassLoader fresh = classPath(entry -> true)) {
            assertThatThrownBy(() -> get(fresh)).hasMessageStartingWith("cannot load the tokenizers from " + library);
        } finally {
            System.clearProperty("cresset.tokenizers");
        }
    }

    /** The classes of this class path once more, as far as its entries pass. */
    private static URLClassLoader classPath(Predicate<String> keep) throws IOException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (keep.test(entry)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static void get(ClassLoader loader) throws ReflectiveOperationException {
        ((Runnable) loader.loadClass(Caller.class.getName())
                        .getDeclaredConstructor()
                        .newInstance())
                .run();
    }

    /** Asks for the library in whatever class loader it is loaded by. */
    public static final class Caller implements Runnable {
        /** Public, for the other loader. */
        public Caller() {}

        @Override
        public void run() {
            NativeTokenizers.get();
        }
    }
}
