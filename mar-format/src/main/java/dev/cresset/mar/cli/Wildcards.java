package dev.cresset.mar.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Paths with {@code *}, {@code ?} or {@code [...]} in them, as the archiver's {@code --extra-files} has them. Each part stands
 * for what one folder holds, but for a name that starts with a dot only if it does so itself.
 */
final class Wildcards {
    private static final Pattern WILD = Pattern.compile("[*?]|\\[.*]");

    private Wildcards() {}

    /** Returns what a path stands for, sorted. As in a shell, one that stands for nothing is taken as it is. */
    static List<Path> expand(String path) {
        List<Path> found = isWild(path) ? found(path) : List.of();
        return found.isEmpty() ? List.of(Path.of(path)) : found;
    }

    private static boolean isWild(String path) {
        return WILD.matcher(path).find();
    }

    private static List<Path> found(String path) {
        if (!isWild(path)) {
            return List.of(Path.of(path));
        }
        int slash = Math.max(path.lastIndexOf('/'), path.lastIndexOf(File.separatorChar));
        String name = path.substring(slash + 1);
        List<Path> found = new ArrayList<>();
        for (Path folder : found(slash == 0 ? "/" : path.substring(0, Math.max(slash, 0)))) {
            if (isWild(name)) {
                found.addAll(children(folder, name));
            } else if (Files.exists(folder.resolve(name))) {
                found.add(folder.resolve(name));
            }
        }
        return found;
    }

    private static Set<Path> children(Path folder, String name) {
        // Braces and backslashes are wild in Java only.
        String glob = name.replaceAll("[{}\\\\]", "\\\\$0");
        PathMatcher matcher = folder.getFileSystem().getPathMatcher("glob:" + glob);
        Set<Path> children = new TreeSet<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, child -> {
            Path last = child.getFileName();
            return matcher.matches(last)
                    && (name.startsWith(".") || !last.toString().startsWith("."));
        })) {
            stream.forEach(children::add);
        } catch (IOException | DirectoryIteratorException e) {
            // What is no folder, or cannot be read, holds nothing to be found.
            return Set.of();
        }
        return children;
    }
}
