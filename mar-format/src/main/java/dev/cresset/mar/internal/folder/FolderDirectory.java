package dev.cresset.mar.internal.folder;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.EntryNames;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.EntrySizes;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an unpacked archive may hold: plain files with safe names, within the limits.
 *
 * <p>Links are followed as long as they stay inside the folder: that is how Kubernetes mounts one. A folder that holds
 * nothing but one folder stands for the inner one, as in TorchServe.
 *
 * <p>Instances are not safe for use by several threads.
 */
final class FolderDirectory {
    private final ArchiveLimits limits;
    private final Refusals refusals;
    private final EntrySizes sizes;
    private final EntryNames names;
    private final Map<String, Item> files = new LinkedHashMap<>();
    private int count;

    FolderDirectory(ArchiveLimits limits, Refusals refusals) {
        this.limits = limits;
        this.refusals = refusals;
        this.sizes = new EntrySizes(limits, refusals);
        this.names = new EntryNames(refusals);
    }

    /**
     * A file in the folder.
     *
     * @param file where it is, without links
     */
    record Item(Path file, long size) {}

    /** Returns the files by name, sorted. */
    Map<String, Item> files(Path folder) throws ArchiveException {
        try {
            Path root = withoutWrapping(folder.toRealPath());
            add("", root, root);
            return files;
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            throw refusals.archive(
                    Rule.UNREADABLE,
                    "cannot be read " + Refusals.reason(e) + "; check that this process may read the folder",
                    e);
        }
    }

    private Path withoutWrapping(Path folder) throws IOException {
        Map<String, Path> children = children(folder);
        // A manifest may be all there is.
        if (children.size() != 1 || children.containsKey(EntryPath.MANIFEST_FOLDER)) {
            return folder;
        }
        Path only = children.values().iterator().next();
        return Files.isDirectory(only, LinkOption.NOFOLLOW_LINKS) ? only : folder;
    }

    private void add(String prefix, Path folder, Path root) throws IOException {
        for (Map.Entry<String, Path> child : children(folder).entrySet()) {
            String name = prefix + child.getKey();
            Path file = real(name, child.getValue(), folder, root);
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (++count > limits.maxEntries()) {
                throw sizes.tooManyEntries();
            }
            if (attributes.isDirectory()) {
                EntryPath path = EntryPath.of(name + "/", limits, refusals);
                names.add(path);
                add(path.name(), file, root);
            } else if (attributes.isRegularFile()) {
                names.add(EntryPath.of(name, limits, refusals));
                sizes.add(name, attributes.size());
                files.put(name, new Item(file, attributes.size()));
            } else {
                throw refusals.entry(
                        Rule.UNSUPPORTED_ENTRY, name, "is a device or a pipe, expected a plain file or folder");
            }
        }
    }

    /** Returns where a file is without links: inside the root, and no folder that it is itself in. */
    private Path real(String name, Path file, Path folder, Path root) throws IOException {
        if (!Files.isSymbolicLink(file)) {
            return file;
        }
        Path real;
        try {
            real = file.toRealPath();
        } catch (IOException e) {
            throw refusals.entry(
                    Rule.UNSUPPORTED_ENTRY,
                    name,
                    "is a link that leads nowhere " + Refusals.reason(e) + "; remove it",
                    e);
        }
        if (!real.startsWith(root)) {
            throw refusals.entry(
                    Rule.UNSUPPORTED_ENTRY,
                    name,
                    "is a link that leaves the folder; put the file itself there, do not use this folder if you do not"
                            + " know who made it");
        }
        if (folder.startsWith(real)) {
            throw refusals.entry(Rule.UNSUPPORTED_ENTRY, name, "is a link to a folder that it is itself in; remove it");
        }
        return real;
    }

    /** Returns the children by name, sorted, so that one folder gives one order everywhere. */
    private Map<String, Path> children(Path folder) throws IOException {
        Map<String, Path> children = new TreeMap<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            for (Path child : stream) {
                if (children.size() > limits.maxEntries()) {
                    throw sizes.tooManyEntries();
                }
                children.put(String.valueOf(child.getFileName()), child);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return children;
    }
}
