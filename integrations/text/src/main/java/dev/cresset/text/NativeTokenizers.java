package dev.cresset.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.cresset.ModelLoadException;
import dev.cresset.config.SystemProperties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks the tokenizers' natives from their jar and loads them. DJL's own loader is not used: it may download a library and
 * report to its makers. Safe for use by several threads, of which one loads and the others wait.
 */
final class NativeTokenizers {

    /** By the jar's name of each platform, each library before those that need it. */
    private static final Map<String, List<String>> LIBRARIES = Map.of(
            "linux-x86_64", List.of("libtokenizers.so"),
            "linux-aarch64", List.of("libtokenizers.so"),
            "osx-aarch64", List.of("libtokenizers.dylib"),
            "win-x86_64", List.of("libwinpthread-1.dll", "libgcc_s_seh-1.dll", "libstdc++-6.dll", "tokenizers.dll"));

    private static final String ABSENT =
            "the tokenizers are not on the class path; add the dependency ai.djl.huggingface:tokenizers, which holds them";

    private static boolean loaded; // guarded by the class
    private static @Nullable String failure; // guarded by the class

    private NativeTokenizers() {}

    /**
     * The library, loaded.
     *
     * @throws ModelLoadException if there is none for this platform, or it cannot be loaded
     */
    static synchronized TokenizersLibrary get() {
        if (failure != null) {
            throw new ModelLoadException(failure);
        }
        if (!loaded) {
            try {
                load(System.getProperty(SystemProperties.TOKENIZERS));
            } catch (NoClassDefFoundError e) {
                failure = ABSENT;
                throw new ModelLoadException(ABSENT, e);
            } catch (ModelLoadException e) {
                failure = String.valueOf(e.getMessage());
                throw e;
            }
            loaded = true;
        }
        return TokenizersLibrary.LIB;
    }

    private static void load(@Nullable String own) {
        if (own != null) {
            load(Path.of(own));
            return;
        }
        String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
        List<String> libraries = LIBRARIES.get(platform);
        if (libraries == null) {
            throw new ModelLoadException(missing(platform));
        }
        try {
            // Nobody else can write there, so that what is loaded is what was unpacked.
            Path folder = Files.createTempDirectory("cresset-tokenizers");
            try {
                for (String library : libraries) {
                    load(unpack(platform, library, folder));
                }
            } finally {
                delete(folder, libraries);
            }
        } catch (IOException e) {
            throw new ModelLoadException(
                    "cannot unpack the tokenizers: " + e
                            + "; -Djava.io.tmpdir=DIR names a folder that can be written to",
                    e);
        }
    }

    private static Path unpack(String platform, String library, Path folder) throws IOException {
        String resource = "/native/lib/" + platform + "/cpu/" + library;
        Path file = folder.resolve(library);
        try (InputStream packed = TokenizersLibrary.class.getResourceAsStream(resource)) {
            if (packed == null) {
                throw new ModelLoadException(
                        "there is no " + resource + " on the class path; it comes with ai.djl.huggingface:tokenizers");
            }
            Files.copy(packed, file);
        }
        return file;
    }

    /** A loaded library needs its file no more, but for Windows, which keeps it until the process ends. */
    private static void delete(Path folder, List<String> libraries) {
        folder.toFile().deleteOnExit();
        for (String library : libraries) {
            Path file = folder.resolve(library);
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                file.toFile().deleteOnExit();
            }
        }
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // At the exit, then.
        }
    }

    private static void load(Path library) {
        try {
            System.load(library.toAbsolutePath().toString());
        } catch (UnsatisfiedLinkError e) {
            throw new ModelLoadException(
                    "cannot load the tokenizers from " + library + ": " + e.getMessage()
                            + "; they need glibc 2.34 or newer (not musl, which Alpine has), and a folder for temporary"
                            + " files (-Djava.io.tmpdir) that code may be run from",
                    e);
        }
    }

    /** The jar's name of a platform. */
    static String platform(String os, String architecture) {
        String system = os.toLowerCase(Locale.ROOT);
        String family = system.startsWith("windows") ? "win" : system.startsWith("mac") ? "osx" : "linux";
        return family + "-" + (architecture.equals("amd64") ? "x86_64" : architecture);
    }

    static String missing(String platform) {
        return "there are no tokenizers for " + platform + ", only for "
                + LIBRARIES.keySet().stream().sorted().toList()
                + "; -Dcresset.tokenizers=FILE names a library of your own";
    }
}
