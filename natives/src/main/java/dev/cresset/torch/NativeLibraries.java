package dev.cresset.torch;

import dev.cresset.engine.EngineException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.bytedeco.javacpp.Loader;

/**
 * Finds, unpacks and loads the native libraries of the bridge engine. They come out of the presets' jars into JavaCPP's
 * cache in the user's home (system property {@code org.bytedeco.javacpp.cachedir}), once per version, under a file lock; the
 * logger {@code dev.cresset} says so first, for that takes seconds.
 *
 * <p>Only what LibTorch itself needs is loaded; the presets' own JNI library, 30 MB, is not. The system property {@code
 * cresset.bridge} names a bridge library to load instead of the one in the jar.
 */
final class NativeLibraries {

    private static final String OPENBLAS = "org/bytedeco/openblas/";
    private static final String PYTORCH = "org/bytedeco/pytorch/";
    private static final String BRIDGE = "dev/cresset/torch/";

    /** Each before those that need it, for the loader finds a library that is there already by its name alone. */
    private static final List<String> LINUX = List.of(
            OPENBLAS + "linux-x86_64/libquadmath.so.0",
            OPENBLAS + "linux-x86_64/libgfortran.so.5",
            OPENBLAS + "linux-x86_64/libopenblas.so.0",
            PYTORCH + "linux-x86_64/libgomp.so.1",
            PYTORCH + "linux-x86_64/libc10.so",
            PYTORCH + "linux-x86_64/libtorch_cpu.so");

    private static final String LINUX_BRIDGE = BRIDGE + "linux-x86_64/libjnicresset.so";

    private static final System.Logger LOG = System.getLogger("dev.cresset");
    private static final long WORTH_SAYING = 16 << 20;

    private NativeLibraries() {}

    static boolean isBridgeSupported() {
        return platform().equals("linux-x86_64");
    }

    /** Loads the bridge and what it needs. Once a process: the engine's holder class sees to that. */
    static void loadBridge() {
        if (!isBridgeSupported()) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "the bridge is built for linux-x86_64, this is " + platform()
                            + "; the engine 'torch-portable' runs on"
                            + " linux-x86_64, windows-x86_64 and macosx-arm64");
        }
        tameJavaCpp();
        for (String library : LINUX) {
            load(unpacked(library));
        }
        String own = System.getProperty("cresset.bridge");
        load(own != null ? new File(own) : unpacked(LINUX_BRIDGE));
    }

    /**
     * JavaCPP counts native memory against the size of the heap and fails, falsely, in a process with large models and a
     * small heap. Read when its first class loads; whoever set the limits meant them.
     */
    static void tameJavaCpp() {
        for (String limit : List.of("org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes")) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, "0");
            }
        }
    }

    /** JavaCPP's name of this platform. */
    static String platform() {
        return Loader.Detector.getPlatform();
    }

    private static File unpacked(String resource) {
        // By the loader, not by this class: on the module path a class finds only what is in its own module.
        URL url = NativeLibraries.class.getClassLoader().getResource(resource);
        if (url == null) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "there is no " + resource + " on the class path; it comes with the native jars of " + platform()
                            + ", which Maven adds by itself and Gradle has to be told (see the README)");
        }
        try {
            return unpacked(url);
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "cannot unpack " + resource + ": " + e.getMessage()
                            + "; -Dorg.bytedeco.javacpp.cachedir=DIR names a" + " folder that can be written to",
                    e);
        }
    }

    static File unpacked(URL resource) throws IOException {
        announce(resource);
        File file = Loader.cacheResource(resource);
        if (file == null) {
            throw new IOException("JavaCPP found no place for it");
        }
        if (isOfAnotherBuild(file, resource)) {
            replace(file.toPath(), resource);
        }
        return file;
    }

    /**
     * JavaCPP goes by size and date. Builds that can be repeated all have one date, and two of a snapshot may be of one size.
     * Only asked of the library of our own: the others have a version of their own in their jar's name.
     */
    private static boolean isOfAnotherBuild(File file, URL resource) throws IOException {
        if (!resource.getPath().contains(BRIDGE) || !(resource.openConnection() instanceof JarURLConnection jar)) {
            return false;
        }
        CRC32 sum = new CRC32();
        sum.update(Files.readAllBytes(file.toPath()));
        return sum.getValue() != jar.getJarEntry().getCrc();
    }

    /** At once: another process may be about to load it. */
    private static void replace(Path file, URL resource) throws IOException {
        FileTime date = Files.getLastModifiedTime(file);
        Path whole = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid());
        try (InputStream bytes = resource.openStream()) {
            Files.copy(bytes, whole, StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(whole, date);
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    /** The large ones take seconds to unpack, and somebody may be waiting for the first start. */
    private static void announce(URL resource) throws IOException {
        String place = resource.getPath();
        int end = place.indexOf("!/");
        if (!resource.getProtocol().equals("jar") || !place.startsWith("file:") || end < 0) {
            return;
        }
        Path jar = Path.of(URI.create(place.substring(0, end)));
        String name = place.substring(end + 2);
        Path unpacked = Loader.getCacheDir().toPath().resolve(jar.getFileName()).resolve(name);
        if (Files.exists(unpacked)) {
            return;
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry(name);
            if (entry != null && entry.getSize() >= WORTH_SAYING) {
                LOG.log(
                        System.Logger.Level.INFO,
                        () -> "unpacking " + unpacked.getFileName() + ", " + (entry.getSize() >> 20) + " MiB, to "
                                + unpacked.getParent() + "; once a version");
            }
        }
    }

    private static void load(File library) {
        try {
            System.load(library.getAbsolutePath());
        } catch (UnsatisfiedLinkError e) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "cannot load " + library + ": " + e.getMessage()
                            + "; LibTorch needs glibc 2.35 or newer (not musl, which Alpine has)",
                    e);
        }
    }
}
