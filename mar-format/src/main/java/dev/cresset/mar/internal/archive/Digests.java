package dev.cresset.mar.internal.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeSet;

/** SHA-256 digests, in lower-case hexadecimal digits. */
public final class Digests {
    private static final int BUFFER = 1 << 16;

    private Digests() {}

    public static String ofFile(ArchiveFile file) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        for (long position = 0; file.read(position, buffer) >= 0; position += buffer.limit(), buffer.clear()) {
            digest.update(buffer.flip());
        }
        return hex(digest);
    }

    /**
     * Digests files that no one file holds: for each, in the order of the names, its name in UTF-8, a zero byte, its size
     * as eight bytes, highest first, and its content.
     */
    public static String ofFiles(Contents contents) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER];
        for (String name : new TreeSet<>(contents.names())) {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(
                    ByteBuffer.allocate(Long.BYTES).putLong(contents.size(name)).flip());
            try (InputStream content = contents.open(name)) {
                for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                    digest.update(buffer, 0, count);
                }
            }
        }
        return hex(digest);
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
