package dev.cresset.torch.libraries;

import static java.util.Objects.requireNonNull;

import dev.cresset.config.SystemProperties;
import dev.cresset.engine.CacheFolders;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * A folder that libraries may be unpacked to. In this order: the one that JavaCPP's property names, the one that {@code
 * cresset.cache} names, JavaCPP's in the user's home, and one of the user's in the system's folder for temporary files.
 *
 * @param path where
 * @param named whether a property names it
 * @param shared whether it is in a folder where anybody may have made it
 */
record UnpackFolder(Path path, boolean named, boolean shared) {

    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /** In a file's mode: its group or all others may. */
    private static final int OTHERS_WRITE = 022;

    private static final String JAVACPP = "org.bytedeco.javacpp.cachedir";

    static List<UnpackFolder> all() {
        Map<Path, UnpackFolder> all = new LinkedHashMap<>();
        for (String property : List.of(JAVACPP, "org.bytedeco.javacpp.cacheDir")) {
            String wanted = System.getProperty(property, "");
            if (!wanted.isEmpty()) {
                add(all, Path.of(wanted), /* named= */ true);
            }
        }
        CacheFolders.named().ifPresent(cache -> add(all, cache.resolve("libraries"), /* named= */ true));
        for (Path home : CacheFolders.homes()) {
            add(all, home.resolve(".javacpp").resolve("cache"), /* named= */ false);
        }
        Path temporary =
                Path.of(System.getProperty(SystemProperties.TMPDIR, System.getProperty("java.io.tmpdir", "/tmp")));
        add(all, temporary.resolve(".javacpp-" + user()).resolve("cache"), /* named= */ false, /* shared= */ true);
        return List.copyOf(all.values());
    }

    private static void add(Map<Path, UnpackFolder> all, Path path, boolean named) {
        add(all, path, named, /* shared= */ false);
    }

    private static void add(Map<Path, UnpackFolder> all, Path path, boolean named, boolean shared) {
        Path absolute = path.toAbsolutePath();
        all.putIfAbsent(absolute, new UnpackFolder(absolute, named, shared));
    }

    /** Who has no name has a number. */
    private static String user() {
        String name = System.getProperty("user.name", "?");
        try {
            return name.equals("?")
                    ? Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString()
                    : name;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return "nobody";
        }
    }

    /** Has JavaCPP unpack where we do, unless it is told otherwise: it takes the home of a user without one for a folder named "?". */
    static void leadJavaCpp() {
        if (System.getProperty(JAVACPP) == null) {
            all().stream()
                    .filter(folder -> folder.refusal(0).isEmpty())
                    .findFirst()
                    .ifPresent(folder -> System.setProperty(JAVACPP, folder.path.toString()));
        }
    }

    /** The first that will do. */
    static UnpackFolder withRoomFor(long bytes) throws IOException {
        StringJoiner refusals = new StringJoiner("; ");
        StringJoiner ofNamed = new StringJoiner("; ");
        for (UnpackFolder folder : all()) {
            Optional<String> refusal = folder.refusal(bytes);
            if (refusal.isEmpty()) {
                if (ofNamed.length() > 0) {
                    LOG.log(System.Logger.Level.INFO, () -> "libraries are unpacked elsewhere: " + ofNamed);
                }
                return folder;
            }
            refusals.add(refusal.get());
            if (folder.named) {
                ofNamed.add(refusal.get());
            }
        }
        throw new IOException("that takes " + mebibytes(bytes) + " MiB, and " + refusals
                + "; -Dcresset.cache=DIR names a folder that has room, can be written to and is not mounted noexec");
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    private Optional<String> refusal(long bytes) {
        if (Mounts.isNoexec(path)) {
            return Optional.of(path + " is mounted noexec, no library can be loaded from there");
        }
        try {
            make();
            if (!isOurs()) {
                return Optional.of(path + " belongs to somebody else, or others may write to it");
            }
            if (!Files.isWritable(path)) {
                return Optional.of(path + " cannot be written to");
            }
            long room = Files.getFileStore(path).getUsableSpace();
            return room >= bytes ? Optional.empty() : Optional.of(path + " has room for " + (room >> 20) + " MiB only");
        } catch (IOException e) {
            return Optional.of(path + " cannot be made (" + e + ")");
        }
    }

    boolean mayBeLoadedFrom() {
        return !Mounts.isNoexec(path) && isOurs();
    }

    private void make() throws IOException {
        if (shared && path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(path);
        }
    }

    /** Whether nobody but the user, or root, can have put libraries here. */
    private boolean isOurs() {
        return !shared || (isOurs(path) && isOurs(requireNonNull(path.getParent(), "parent")));
    }

    private static boolean isOurs(Path folder) {
        try {
            Map<String, Object> is = Files.readAttributes(folder, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
            Object user = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            boolean othersWrite = ((int) requireNonNull(is.get("mode"), "mode") & OTHERS_WRITE) != 0;
            Object owner = requireNonNull(is.get("uid"), "uid");
            return (owner.equals(user) || owner.equals(0)) && !othersWrite;
        } catch (NoSuchFileException e) {
            return true; // nothing is
        } catch (IOException e) {
            return false;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return true; // not a Unix: folders for temporary files are each user's own
        }
    }

    /** Keeps other processes from unpacking here, JavaCPP's too; where files cannot be locked, they unpack at once. */
    Closeable lock() throws IOException {
        FileChannel channel =
                FileChannel.open(path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            channel.lock();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "cannot lock " + path, e);
        }
        return channel;
    }
}
