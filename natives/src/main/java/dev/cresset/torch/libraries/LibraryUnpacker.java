package dev.cresset.torch.libraries;

import dev.cresset.engine.EngineException;
import java.io.Closeable;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Native libraries of the class path as files. They come out of their jars once a version, under a file lock, into the first
 * {@link UnpackFolder} that will do; the logger {@code dev.cresset} says so first, for that takes seconds. What lies unpacked in
 * any of them already is used as it is, and needs no right to write. Names and dates are as JavaCPP has them, which finds there
 * what we unpacked, and the other way round.
 */
public final class LibraryUnpacker {

    private static final System.Logger LOG = System.getLogger("dev.cresset");
    private static final long WORTH_SAYING = 16 << 20;

    private LibraryUnpacker() {}

    static boolean isOnClassPath(String resource) {
        return find(resource) != null;
    }

    static Path unpacked(String resource) {
        return unpacked(List.of(resource)).get(0);
    }

    static List<Path> unpacked(List<String> resources) {
        UnpackFolders folders = UnpackFolders.all();
        return resources.stream().map(resource -> unpacked(resource, folders)).toList();
    }

    private static Path unpacked(String resource, UnpackFolders folders) {
        URL url = find(resource);
        if (url == null) {
            throw new EngineException(
                    EngineException.Kind.UNAVAILABLE,
                    "there is no " + resource + " on the class path; it comes with the native jars of "
                            + NativeLibraries.platform()
                            + ", which Maven adds by itself and Gradle has to be told (see the README)");
        }
        try {
            return unpacked(url, folders);
        } catch (IOException e) {
            throw unavailable("cannot unpack " + resource + ": " + e.getMessage(), e);
        }
    }

    static Path unpacked(URL resource) throws IOException {
        return unpacked(resource, UnpackFolders.all());
    }

    private static Path unpacked(URL resource, UnpackFolders folders) throws IOException {
        if (resource.getProtocol().equals("file")) {
            return Path.of(URI.create(resource.toString()));
        }
        if (!(resource.openConnection() instanceof JarURLConnection)) {
            return byJavaCpp(resource);
        }
        Packed packed = Packed.of(resource);
        Optional<Path> there = packed.findIn(folders);
        return there.isPresent() ? there.get() : unpack(List.of(packed)).get(0);
    }

    /** Unpacks all that are needed together and not there, into one folder that has room for all; those that are nowhere are left out. */
    static void unpackTogether(List<String> resources) {
        try {
            List<Packed> missing = new ArrayList<>();
            UnpackFolders folders = UnpackFolders.all();
            for (String resource : resources) {
                URL url = find(resource);
                if (url != null && url.openConnection() instanceof JarURLConnection) {
                    Packed packed = Packed.of(url);
                    if (packed.findIn(folders).isEmpty()) {
                        missing.add(packed);
                    }
                }
            }
            if (!missing.isEmpty()) {
                unpack(missing);
            }
        } catch (IOException e) {
            throw unavailable("cannot unpack LibTorch: " + e.getMessage(), e);
        }
    }

    private static EngineException unavailable(String reason, IOException e) {
        return new EngineException(EngineException.Kind.UNAVAILABLE, reason, e);
    }

    /** By the loader, not by this class: on the module path a class finds only what is in its own module. */
    private static @Nullable URL find(String resource) {
        return LibraryUnpacker.class.getClassLoader().getResource(resource);
    }

    private static Path byJavaCpp(URL resource) throws IOException {
        File file = Loader.cacheResource(resource);
        if (file == null) {
            throw new IOException("JavaCPP found no place for it");
        }
        return file.toPath();
    }

    private static List<Path> unpack(List<Packed> libraries) throws IOException {
        long needed =
                libraries.stream().mapToLong(library -> library.entry.getSize()).sum();
        UnpackFolder folder = UnpackFolder.withRoomFor(needed);
        boolean saysSo = needed >= WORTH_SAYING;
        if (saysSo) {
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "unpacking " + libraries.size() + " libraries, " + (needed >> 20) + " MiB, to "
                            + folder.path() + "; kept for the next start (-Dcresset.cache=DIR: elsewhere)");
        }
        long start = System.nanoTime();
        List<Path> files;
        // As JavaCPP does, which may be unpacking in another class loader: a file lock is a process's, not a thread's.
        synchronized (Runtime.getRuntime()) {
            Closeable lock = folder.lock();
            try {
                files = unpack(libraries, folder);
            } finally {
                lock.close();
            }
        }
        if (saysSo) {
            double seconds = (System.nanoTime() - start) / 1e9;
            LOG.log(System.Logger.Level.INFO, () -> String.format(Locale.ROOT, "unpacked in %.1f s", seconds));
        }
        return files;
    }

    private static List<Path> unpack(List<Packed> libraries, UnpackFolder folder) throws IOException {
        List<Path> files = new ArrayList<>();
        List<Path> fresh = new ArrayList<>();
        boolean success = false;
        try {
            for (Packed library : libraries) {
                Path file = folder.path().resolve(library.place);
                if (library.findIn(UnpackFolders.of(folder)).isEmpty()) { // or another process has been here
                    library.unpackTo(file);
                    fresh.add(file);
                }
                files.add(file);
            }
            success = true;
            return files;
        } finally {
            for (Path file : success ? List.<Path>of() : fresh) {
                Files.deleteIfExists(file); // whoever tries again needs the room
            }
        }
    }

    /**
     * A library in a jar.
     *
     * @param resource where
     * @param entry as the jar has it
     * @param place where it lies in a folder
     */
    private record Packed(URL resource, JarEntry entry, Path place) {

        static Packed of(URL resource) throws IOException {
            JarURLConnection connection = (JarURLConnection) resource.openConnection();
            connection.setUseCaches(false); // which would hold the jar open for as long as the process lives
            try (JarFile jar = connection.getJarFile()) {
                JarEntry entry = connection.getJarEntry();
                return new Packed(
                        resource,
                        entry,
                        Path.of(Path.of(jar.getName()).getFileName().toString(), entry.getName()));
            }
        }

        Optional<Path> findIn(UnpackFolders folders) throws IOException {
            for (UnpackFolder folder : folders.inOrder()) {
                Path file = folder.path().resolve(place);
                if (folders.mayBeLoadedFrom(folder) && isThere(file, entry)) {
                    return Optional.of(file);
                }
            }
            return Optional.empty();
        }

        /** Whole, or not at all. */
        void unpackTo(Path file) throws IOException {
            Files.createDirectories(file.toAbsolutePath().getParent());
            if (!isOurs(entry)) {
                Files.deleteIfExists(file); // a part of it, for which there may be no room beside the whole
            }
            Path whole = Files.createTempFile(file.toAbsolutePath().getParent(), ".unpacking", null);
            try (InputStream bytes = open()) {
                Files.copy(bytes, whole, StandardCopyOption.REPLACE_EXISTING);
                Files.setLastModifiedTime(whole, FileTime.fromMillis(entry.getTime()));
                Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
        }

        private InputStream open() throws IOException {
            JarURLConnection connection = (JarURLConnection) resource.openConnection();
            connection.setUseCaches(false);
            return connection.getInputStream();
        }
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
}
