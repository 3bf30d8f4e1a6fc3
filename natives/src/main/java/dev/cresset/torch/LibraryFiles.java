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
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.Loader;

/**
 * Native libraries of the class path as files. They come out of their jars into JavaCPP's cache in the user's home (system
 * property {@code org.bytedeco.javacpp.cachedir}), once per version, under a file lock; the logger {@code dev.cresset}
 * says so first, for that takes seconds. What lies unpacked already is used as it is, and needs no right to write.
 */
final class LibraryFiles {

    private static final System.Logger LOG = System.getLogger("dev.cresset");
    private static final long WORTH_SAYING = 16 << 20;

    private LibraryFiles() {}

    static Path unpacked(String resource) {
        // By the loader, not by this class: on the module path a class finds only what is in its own module.
        URL url = LibraryFiles.class.getClassLoader().getResource(resource);
        if (url == null) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "there is no " + resource + " on the class path; it comes with the native jars of "
                            + NativeLibraries.platform()
                            + ", which Maven adds by itself and Gradle has to be told (see the README)");
        }
        try {
            return unpacked(url);
        } catch (IOException e) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "cannot unpack " + resource + ": " + e.getMessage()
                            + "; -Dorg.bytedeco.javacpp.cachedir=DIR names a folder that can be written to",
                    e);
        }
    }

    static Path unpacked(URL resource) throws IOException {
        if (resource.getProtocol().equals("file")) {
            return Path.of(URI.create(resource.toString()));
        }
        if (!(resource.openConnection() instanceof JarURLConnection connection)) {
            return byJavaCpp(resource);
        }
        connection.setUseCaches(false); // which would hold the jar open for as long as the process lives
        try (JarFile jar = connection.getJarFile()) {
            JarEntry entry = connection.getJarEntry();
            Path place = Path.of(Path.of(jar.getName()).getFileName().toString(), entry.getName());
            Path there = folder().resolve(place);
            if (isThere(there, entry)) {
                return there;
            }
            announce(place, entry);
            Path file = byJavaCpp(resource);
            if (isOurs(entry) && crc(file) != entry.getCrc()) {
                replace(file, resource);
            }
            return file;
        }
    }

    private static Path byJavaCpp(URL resource) throws IOException {
        File file = Loader.cacheResource(resource);
        if (file == null) {
            throw new IOException("JavaCPP found no place for it");
        }
        return file.toPath();
    }

    /** Where JavaCPP looks first; if it cannot write there, it goes elsewhere and unpacks again. */
    private static Path folder() {
        String home =
                Path.of(System.getProperty("user.home"), ".javacpp", "cache").toString();
        String other = System.getProperty("org.bytedeco.javacpp.cacheDir", home);
        return Path.of(System.getProperty("org.bytedeco.javacpp.cachedir", other))
                .toAbsolutePath();
    }

    /**
     * Size and date are JavaCPP's rule. A folder that cannot be written to may have been copied, its dates lost: there the
     * contents say it.
     */
    private static boolean isThere(Path file, JarEntry entry) throws IOException {
        if (!Files.isReadable(file) || Files.size(file) != entry.getSize()) {
            return false;
        }
        boolean asUnpacked = Files.getLastModifiedTime(file).toMillis() == entry.getTime();
        if (asUnpacked && !isOurs(entry)) {
            return true;
        }
        return (asUnpacked || !Files.isWritable(file)) && crc(file) == entry.getCrc();
    }

    /**
     * Builds that can be repeated all have one date, and two of a snapshot may be of one size: our own libraries go by their
     * contents. The others have a version of their own in their jar's name.
     */
    private static boolean isOurs(JarEntry entry) {
        return entry.getName().startsWith(NativeLibraries.OURS);
    }

    private static long crc(Path file) throws IOException {
        CRC32 sum = new CRC32();
        byte[] part = new byte[1 << 16];
        try (InputStream bytes = Files.newInputStream(file)) {
            for (int read = bytes.read(part); read > 0; read = bytes.read(part)) {
                sum.update(part, 0, read);
            }
        }
        return sum.getValue();
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
    private static void announce(Path place, JarEntry entry) throws IOException {
        if (entry.getSize() >= WORTH_SAYING) {
            Path folder = Loader.getCacheDir().toPath().resolve(place).getParent();
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "unpacking " + place.getFileName() + ", " + (entry.getSize() >> 20) + " MiB, to " + folder
                            + "; once a version");
        }
    }
}
