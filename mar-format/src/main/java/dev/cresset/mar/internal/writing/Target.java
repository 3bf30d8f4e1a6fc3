package dev.cresset.mar.internal.writing;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.FileTrees;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/**
 * The place that an archive is written to: free, or held by an archive that may be replaced.
 *
 * <p>Instances are not safe for use by several threads.
 */
public final class Target {
    private final Path path;
    private final boolean isFolder;
    private final boolean force;
    private final Refusals refusals;

    /**
     * A place for an archive.
     *
     * @param isFolder whether the archive is a folder
     * @param force whether what is there may be replaced
     */
    public Target(Path path, boolean isFolder, boolean force, Refusals refusals) {
        this.path = path;
        this.isFolder = isFolder;
        this.force = force;
        this.refusals = refusals;
    }

    /** Refuses a place that is taken, or in no folder, or held by what cannot be meant. */
    public void requireUsable() throws ArchiveException {
        Path parent = parent();
        if (!Files.isDirectory(parent)) {
            throw refused("no folder is at " + Refusals.quoted(parent.toString()) + "; make it, or give another");
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!force) {
            throw refused("it is there already, in " + Refusals.quoted(parent.toString())
                    + "; remove it, or ask for it to be replaced (force)");
        }
        if (Files.isDirectory(path) != isFolder) {
            throw refused(isFolder ? "a file has its name; remove it" : "a folder has its name; remove it");
        }
        // A model is easily named like the folder with its sources.
        if (isFolder && !Files.exists(path.resolve(EntryPath.MANIFEST))) {
            throw refused("the folder of its name, in " + Refusals.quoted(parent.toString()) + ", has no "
                    + EntryPath.MANIFEST + " and so is no archive that may be replaced; remove it, or give another");
        }
    }

    /** Makes a fresh folder beside the place, which no other user may enter. */
    public Path freshFolder() throws ArchiveException {
        try {
            return Files.createTempDirectory(parent(), ".packing-");
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Moves an archive here. */
    public void take(Path archive) throws ArchiveException {
        try {
            if (!force) {
                Files.move(archive, path);
            } else if (!isFolder) {
                Files.move(archive, path, StandardCopyOption.ATOMIC_MOVE);
            } else {
                exchange(archive);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** No system replaces a full folder by one move: for a moment nothing is here. */
    private void exchange(Path archive) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(archive, path, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        // Not in the fresh folder: that goes whatever happens, and this only once it is not needed any more.
        Path folder = Files.createTempDirectory(parent(), ".replaced-");
        Path old = folder.resolve("archive");
        try {
            Files.move(path, old, StandardCopyOption.ATOMIC_MOVE);
            moveOrRestore(archive, old);
            FileTrees.delete(old);
        } finally {
            Files.delete(folder);
        }
    }

    private void moveOrRestore(Path archive, Path old) throws IOException {
        try {
            Files.move(archive, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.move(old, path, StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
    }

    public ArchiveException unwritable(IOException cause) {
        return refusals.archive(
                Rule.TARGET,
                "cannot be written to " + Refusals.quoted(parent().toString()) + " " + Refusals.reason(cause)
                        + "; give a folder that this process may write to, with room enough",
                cause);
    }

    private ArchiveException refused(String why) {
        return refusals.archive(Rule.TARGET, "cannot be written: " + why);
    }

    private Path parent() {
        return Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path);
    }
}
