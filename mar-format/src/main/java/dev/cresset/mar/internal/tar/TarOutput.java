package dev.cresset.mar.internal.tar;

import dev.cresset.mar.internal.archive.Output;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A gzipped tar that is being written, with all files under one folder and nobody's name in it. */
public final class TarOutput implements Output {
    private static final int BUFFER = 1 << 16;

    private final TarArchiveOutputStream tar;
    private final String root;

    private TarOutput(TarArchiveOutputStream tar, String root) {
        this.tar = tar;
        this.root = root;
    }

    public static TarOutput open(Path path, String root) throws IOException {
        OutputStream file = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW);
        boolean opened = false;
        try {
            OutputStream gzip = new GZIPOutputStream(new BufferedOutputStream(file, BUFFER), BUFFER);
            TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip, StandardCharsets.UTF_8.name());
            // As Python does: what does not fit a field goes into a header of its own.
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            tar.setAddPaxHeadersForNonAsciiNames(true);
            opened = true;
            return new TarOutput(tar, root);
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    @Override
    public void add(String entry, long size, Instant modified, InputStream content) throws IOException {
        TarArchiveEntry header = new TarArchiveEntry(root + "/" + entry);
        header.setSize(size);
        // A fraction of a second would cost a header of its own.
        header.setModTime(FileTime.from(modified.truncatedTo(ChronoUnit.SECONDS)));
        header.setIds(0, 0);
        header.setNames("", "");
        tar.putArchiveEntry(header);
        content.transferTo(tar);
        tar.closeArchiveEntry();
    }

    @Override
    public void finish() throws IOException {
        tar.finish();
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
