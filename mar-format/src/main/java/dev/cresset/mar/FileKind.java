package dev.cresset.mar;

import dev.cresset.mar.ArchiveException.Rule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Tells from a file's first bytes whether it is a zip, and if not, what was probably given instead. */
final class FileKind {
    private static final int HEAD = 32;
    private static final String ZIP = "PK\003\004";
    private static final String EMPTY_ZIP = "PK\005\006";

    private FileKind() {}

    static void requireZip(ArchiveFile file, Refusals refusals) throws ArchiveException {
        String head;
        try {
            ByteBuffer bytes = file.readFully(0, ByteBuffer.allocate(HEAD));
            head = StandardCharsets.ISO_8859_1.decode(bytes).toString();
        } catch (IOException e) {
            throw refusals.archive(Rule.UNREADABLE, "cannot be read " + Refusals.reason(e), e);
        }
        if (!head.startsWith(ZIP)) {
            throw refusals.archive(Rule.NOT_AN_ARCHIVE, describe(head));
        }
    }

    private static String describe(String head) {
        if (head.isEmpty()) {
            return "is empty (0 bytes), expected a zip; build or copy it again";
        }
        if (head.startsWith(EMPTY_ZIP)) {
            return "is a zip that holds nothing, expected a model and its manifest; pack it with torch-model-archiver";
        }
        if (head.startsWith("\037\213")) {
            return "is a gzip file, expected a zip; pack it with torch-model-archiver --archive-format default";
        }
        if (head.startsWith("version https://git-lfs")) {
            return "is a Git LFS pointer and not the archive itself; run 'git lfs pull'";
        }
        if (head.stripLeading().startsWith("<")) {
            return "is a web page or XML, expected a zip; the download probably failed, fetch it again";
        }
        return "is not a zip: it starts with " + hex(head) + ", expected 50 4b 03 04; was it written by"
                + " torch-model-archiver, and copied as a binary file?";
    }

    private static String hex(String head) {
        StringBuilder hex = new StringBuilder();
        head.chars().limit(4).forEach(b -> hex.append(String.format(Locale.ROOT, hex.isEmpty() ? "%02x" : " %02x", b)));
        return hex.toString();
    }
}
