package dev.cresset.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Looks at a folder of archives again and again, and says what has changed since.
 *
 * <p>A change is told once it has settled: two looks, one after the other, saw the same. So an archive that is still being
 * copied is not opened, and one that is replaced by deleting it first is not taken for gone. Only what the first look
 * finds is told at once.
 *
 * <p>Folders are looked at, not watched: the systems' ways to watch lose events, and know nothing of network drives.
 *
 * <p>Not safe for use by several threads.
 */
final class FolderScan {

    /**
     * What a look tells.
     *
     * @param settled archives that are new or have changed, the one that was modified last at the end
     * @param gone archives that were told before and are no more
     */
    public record Changes(List<Found> settled, List<Path> gone) {}

    /** An archive, and when it was modified. */
    public record Found(Path archive, FileTime modified) {}

    /** What an archive looks like from outside; another content has another one. */
    private record Stamp(long files, long bytes, FileTime modified, String key) {}

    private static final Stamp UNREADABLE = new Stamp(0, 0, FileTime.fromMillis(0), "unreadable");

    private final Path folder;
    private final Map<Path, Stamp> told = new HashMap<>();
    private Map<Path, Stamp> before = Map.of();
    private boolean first = true;

    /** Looks at this folder, not at those in it. */
    public FolderScan(Path folder) {
        this.folder = folder;
    }

    /**
     * Looks.
     *
     * @throws IOException if the folder cannot be listed; that says nothing of the archives
     */
    public Changes look() throws IOException {
        Map<Path, Stamp> now = stamps();
        List<Found> settled = new ArrayList<>();
        now.forEach((archive, stamp) -> {
            boolean isSettled = first || stamp.equals(before.get(archive));
            if (isSettled && !stamp.equals(told.get(archive))) {
                told.put(archive, stamp);
                settled.add(new Found(archive, stamp.modified));
            }
        });
        settled.sort(Comparator.comparing(Found::modified).thenComparing(Found::archive));
        List<Path> gone = told.keySet().stream()
                .filter(archive -> !now.containsKey(archive) && !before.containsKey(archive))
                .sorted()
                .toList();
        gone.forEach(told::remove);
        before = now;
        first = false;
        return new Changes(settled, gone);
    }

    private Map<Path, Stamp> stamps() throws IOException {
        Map<Path, Stamp> stamps = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (isArchive(entry)) {
                    stamp(entry, stamps);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return stamps;
    }

    private static boolean isArchive(Path entry) {
        String name = Objects.toString(entry.getFileName());
        if (name.startsWith(".")) {
            return false;
        }
        return name.endsWith(".mar")
                || name.endsWith(".tar.gz")
                || name.endsWith(".tgz")
                || Files.isDirectory(entry.resolve("MAR-INF"));
    }

    /** One that vanishes under the look was not there; one that cannot be looked at is there, and whoever opens it is told why. */
    private static void stamp(Path archive, Map<Path, Stamp> stamps) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(archive, BasicFileAttributes.class);
            stamps.put(
                    archive,
                    attributes.isDirectory()
                            ? ofTree(archive, attributes)
                            : new Stamp(1, attributes.size(), attributes.lastModifiedTime(), key(attributes)));
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            stamps.put(archive, UNREADABLE);
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof NoSuchFileException)) {
                stamps.put(archive, UNREADABLE);
            }
        }
    }

    private static Stamp ofTree(Path folder, BasicFileAttributes own) throws IOException {
        long files = 0;
        long bytes = 0;
        FileTime modified = own.lastModifiedTime();
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) tree::iterator) {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                files++;
                bytes += attributes.isDirectory() ? 0 : attributes.size();
                modified = attributes.lastModifiedTime().compareTo(modified) > 0
                        ? attributes.lastModifiedTime()
                        : modified;
            }
        }
        return new Stamp(files, bytes, modified, key(own));
    }

    /** Which file it is, where the system tells: one moved into another's place may have its size and time. */
    private static String key(BasicFileAttributes attributes) {
        return String.valueOf(attributes.fileKey());
    }
}
