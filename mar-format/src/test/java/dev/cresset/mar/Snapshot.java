package dev.cresset.mar;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is in a folder and all below it: kinds, sizes, times and keys. Two of them are equal when nothing was touched.
 *
 * @param entries from path to what is there
 */
record Snapshot(Map<Path, String> entries) {

    static Snapshot of(Path folder) throws IOException {
        Map<Path, String> entries = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.forEach(path -> entries.put(path, describe(path)));
        }
        return new Snapshot(entries);
    }

    private static String describe(Path path) {
        try {
            BasicFileAttributes at = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            String kind = at.isDirectory() ? "folder" : at.isRegularFile() ? "file" : "other";
            // A folder's time changes with each file that comes and goes, and some do for a moment.
            return kind + (at.isDirectory() ? "" : " " + at.size() + " " + at.lastModifiedTime()) + " " + at.fileKey();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long files() {
        return entries.values().stream()
                .filter(entry -> entry.startsWith("file"))
                .count();
    }
}
