package dev.cresset.mar.internal.reading;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ProgressListener;
import dev.cresset.mar.internal.archive.Contents;
import dev.cresset.mar.internal.archive.FileTrees;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Puts an archive's files on disk: first into a fresh folder beside the place they are wanted at, which no other user may
 * enter, then, when all is there and right, by one move. What fails leaves nothing behind.
 *
 * <p>Instances are not safe for use by several threads.
 */
public final class Unpacker {
    private static final int BUFFER = 1 << 16;

    private final Contents contents;
    private final Refusals refusals;
    private final Path target;
    private final ProgressListener listener;
    private long done;

    public Unpacker(Contents contents, Path target, ProgressListener listener) {
        this.contents = contents;
        this.refusals = contents.refusals;
        this.target = target;
        this.listener = listener;
    }

    /** Writes one file to the target. */
    public void extract(String name) throws IOException {
        long size = contents.size(name);
        Path fresh = freshFolder();
        try {
            Path file = fresh.resolve("entry");
            try (InputStream content = contents.open(name, /* ahead= */ true)) {
                write(name, content, file, size);
            }
            moveToTarget(file);
        } finally {
            FileTrees.delete(fresh);
        }
    }

    /** Writes all files below the target, which becomes a new folder. */
    public void unpack() throws IOException {
        long total = contents.totalSize();
        Path fresh = freshFolder();
        try {
            contents.each((name, content) -> write(name, content, inside(fresh, name), total));
            moveToTarget(fresh);
        } finally {
            FileTrees.delete(fresh);
        }
    }

    private Path freshFolder() throws ArchiveException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw refusals.archive(
                    Rule.TARGET,
                    "cannot be unpacked to " + Refusals.quoted(target.toString())
                            + ", which is there already; give a path that is free");
        }
        try {
            Path parent = Objects.requireNonNullElse(target.toAbsolutePath().getParent(), target);
            return Files.createTempDirectory(parent, ".unpacking-");
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Names were checked when the archive was opened; this is for what the file system at hand cannot spell. */
    private Path inside(Path folder, String name) throws ArchiveException {
        Path file;
        try {
            file = folder.resolve(name);
        } catch (InvalidPathException e) {
            throw refusals.entry(
                    Rule.ENTRY_NAME,
                    name,
                    "cannot be the name of a file here " + Refusals.reason(e)
                            + "; read the entry instead of unpacking it",
                    e);
        }
        if (!file.normalize().equals(file) || !file.startsWith(folder)) {
            throw refusals.entry(Rule.ENTRY_NAME, name, "would be written outside its folder");
        }
        return file;
    }

    private void write(String name, InputStream content, Path file, long total) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try {
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
                for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                    out.write(buffer, 0, count);
                    done += count;
                    listener.progressed(name, done, total);
                }
            }
        } catch (ArchiveException e) {
            throw e; // from reading
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void moveToTarget(Path done) throws ArchiveException {
        try {
            Files.move(done, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private ArchiveException unwritable(IOException cause) {
        return refusals.archive(
                Rule.TARGET,
                "cannot be unpacked to " + Refusals.quoted(target.toString()) + " " + Refusals.reason(cause)
                        + "; give a path in a folder that this process may write to, with room enough",
                cause);
    }
}
