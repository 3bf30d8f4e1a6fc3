package dev.cresset.mar.internal.writing;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.EntryNames;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.archive.Source;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What goes into an archive besides its manifest: found, named and checked before anything is written.
 *
 * <p>Two files for one entry are refused, where {@code torch-model-archiver} keeps the later one; a file that is met twice is
 * one. So are names that a reader of this package would refuse.
 *
 * <p>Instances are not safe for use by several threads.
 */
public final class PackList {
    /** As far as a zip's clock goes. */
    public static final Instant EARLIEST = Instant.parse("1980-01-01T00:00:00Z");

    public static final Instant LATEST = Instant.parse("2107-12-31T00:00:00Z");

    private static final Set<String> UNWANTED_FOLDERS = Set.of("__MACOSX", "__pycache__");

    /** Of all entries; empty when each keeps its file's own. */
    private final Optional<Instant> time;

    private final Refusals refusals;

    /** Sorted, so that the same files give the same archive in whatever order they come. */
    private final NavigableMap<String, Source> sources = new TreeMap<>();

    public PackList(Optional<Instant> time, Refusals refusals) {
        this.time = time;
        this.refusals = refusals;
    }

    /** Returns the entries in their order. */
    public NavigableMap<String, Source> sources() {
        return Collections.unmodifiableNavigableMap(sources);
    }

    /**
     * Adds a file under its own name, at the root.
     *
     * @param what what the caller calls it
     */
    public void addFile(String what, Path file) throws ArchiveException {
        BasicFileAttributes attributes = attributes(what, file);
        if (attributes.isDirectory()) {
            throw unfit(what, file, "is a folder, expected a file");
        }
        add(what, String.valueOf(file.getFileName()), file, attributes);
    }

    /** Adds a file, or what is in a folder: its files at the root, its folders as they are, but none that tools left there. */
    public void addExtra(Path fileOrFolder) throws ArchiveException {
        if (!attributes("extra file", fileOrFolder).isDirectory()) {
            addFile("extra file", fileOrFolder);
            return;
        }
        try {
            Files.walkFileTree(
                    fileOrFolder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new Walk(fileOrFolder));
        } catch (ArchiveException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable("extra folder", fileOrFolder, e);
        }
    }

    public void addBytes(String name, byte[] content, Instant now) throws ArchiveException {
        add(name, new Source.OfBytes(content, time.orElse(now)));
    }

    /** Refuses what no two files may do to each other; to be asked once all are added. */
    public void requireNoClash() throws ArchiveException {
        EntryNames names = new EntryNames(refusals);
        names.add(new EntryPath(EntryPath.MANIFEST));
        for (String name : sources.keySet()) {
            names.add(new EntryPath(name));
        }
        names.requireNoFileAsFolder();
    }

    private final class Walk extends SimpleFileVisitor<Path> {
        private final Path root;

        Walk(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = String.valueOf(folder.getFileName());
            boolean wanted = folder.equals(root) || !(name.startsWith(".") || UNWANTED_FOLDERS.contains(name));
            return wanted ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws ArchiveException {
            String separator = file.getFileSystem().getSeparator();
            add("extra file", root.relativize(file).toString().replace(separator, "/"), file, attributes);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws ArchiveException {
            throw unreadable("extra file", file, failure);
        }
    }

    private void add(String what, String name, Path file, BasicFileAttributes attributes) throws ArchiveException {
        if (!attributes.isRegularFile()) {
            throw unfit(what, file, attributes.isSymbolicLink() ? "is a link that leads nowhere" : "is no plain file");
        }
        Instant modified = time.orElse(attributes.lastModifiedTime().toInstant());
        add(name, new Source.OfFile(file, attributes.size(), within(modified)));
    }

    private void add(String name, Source source) throws ArchiveException {
        Optional<String> problem = problem(name);
        if (problem.isPresent()) {
            throw refusals.entry(
                    Rule.ENTRY_NAME, name, problem.get() + ", and could not be read again; rename it: " + source);
        }
        if (name.equals(EntryPath.MANIFEST)) {
            throw refusals.entry(
                    Rule.NAME_CLASH, name, "is written by the packer itself; leave this one out: " + source);
        }
        Source earlier = sources.putIfAbsent(name, source);
        if (earlier != null && !isSame(earlier, source)) {
            throw refusals.entry(
                    Rule.NAME_CLASH, name, "would be two files: " + earlier + " and " + source + "; rename one");
        }
    }

    private static Instant within(Instant time) {
        return time.isBefore(EARLIEST) ? EARLIEST : time.isAfter(LATEST) ? LATEST : time;
    }

    /** Says what is wrong with a name for those who read with the default limits; all that is allowed here can be read. */
    private static Optional<String> problem(String name) {
        ArchiveLimits limits = ArchiveLimits.defaults();
        if (name.length() > limits.maxNameLength()) {
            return Optional.of("has a name of more than " + limits.maxNameLength() + " characters");
        }
        if (name.chars().filter(c -> c == '/').count() > limits.maxDepth()) {
            return Optional.of("lies more than " + limits.maxDepth() + " folders deep");
        }
        return EntryPath.problem(name);
    }

    private boolean isSame(Source one, Source other) throws ArchiveException {
        if (!(one instanceof Source.OfFile a && other instanceof Source.OfFile b)) {
            return false;
        }
        try {
            return Files.isSameFile(a.file(), b.file());
        } catch (IOException e) {
            throw unreadable("file", b.file(), e);
        }
    }

    private BasicFileAttributes attributes(String what, Path file) throws ArchiveException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw refusals.archive(
                    Rule.SOURCE,
                    "the " + what + " " + Refusals.quoted(file.toString()) + " is not there; looked for "
                            + Refusals.quoted(file.toAbsolutePath().toString()),
                    e);
        } catch (IOException e) {
            throw unreadable(what, file, e);
        }
    }

    private ArchiveException unreadable(String what, Path file, IOException cause) {
        return refusals.archive(
                Rule.SOURCE,
                "the " + what + " " + Refusals.quoted(file.toString()) + " cannot be read " + Refusals.reason(cause)
                        + "; check that this process may read it",
                cause);
    }

    private ArchiveException unfit(String what, Path file, String is) {
        return refusals.archive(
                Rule.SOURCE,
                "the " + what + " " + Refusals.quoted(file.toString()) + " " + is + "; give another, or leave it out");
    }
}
