package dev.cresset.mar.internal.reading;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.ArchiveFile;
import dev.cresset.mar.internal.archive.Refusals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Which kind of archive a file is, told from its first bytes; if none, what was probably given instead. */
enum FileKind {
    ZIP,
    GZIP;

    private static final int HEAD = 512;
    private static final int TAR_MAGIC = 257;
    private static final String EMPTY_ZIP = "PK\005\006";

    static FileKind of(ArchiveFile file, Refusals refusals) throws ArchiveException {
        String head;
        try {
            ByteBuffer bytes = file.readFully(0, ByteBuffer.allocate(HEAD));
            head = StandardCharsets.ISO_8859_1.decode(bytes).toString();
        } catch (IOException e) {
            throw refusals.archive(Rule.UNREADABLE, "cannot be read " + Refusals.reason(e), e);
        }
        if (head.startsWith("PK\003\004")) {
            return ZIP;
        }
        if (head.startsWith("\037\213")) {
            return GZIP;
        }
        throw refusals.archive(Rule.NOT_AN_ARCHIVE, describe(head));
    }

    private static String describe(String head) {
        if (head.isEmpty()) {
            return "is empty (0 bytes), expected a zip or a gzipped tar; build or copy it again";
        }
        if (head.startsWith(EMPTY_ZIP)) {
            return "is a zip that holds nothing, expected a model and its manifest; pack it with torch-model-archiver";
        }
        if (head.startsWith("ustar", TAR_MAGIC)) {
            return "is a tar that is not compressed, expected a zip or a gzipped tar; run gzip on it";
        }
        if (head.startsWith("version https://git-lfs")) {
            return "is a Git LFS pointer and not the archive itself; run 'git lfs pull'";
        }
        if (head.stripLeading().startsWith("<")) {
            return "is a web page or XML, expected a zip or a gzipped tar; the download probably failed, fetch it again";
        }
        return "is neither a zip nor a gzipped tar: it starts with " + hex(head) + ", expected 50 4b 03 04 or 1f 8b;"
                + " was it written by torch-model-archiver, and copied as a binary file?";
    }

    private static String hex(String head) {
        StringBuilder hex = new StringBuilder();
        head.chars().limit(4).forEach(b -> hex.append(String.format(Locale.ROOT, hex.isEmpty() ? "%02x" : " %02x", b)));
        return hex.toString();
    }
}
