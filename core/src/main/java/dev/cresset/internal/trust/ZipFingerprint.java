package dev.cresset.internal.trust;

import dev.cresset.internal.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A digest of what entries a saved zip has. Used by one thread. */
final class ZipFingerprint {
    private final MessageDigest digest = Sha256.start();

    void add(String entry, long size, long checksum) {
        byte[] name = entry.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES + name.length + 2 * Long.BYTES)
                .putInt(name.length)
                .put(name)
                .putLong(size)
                .putLong(checksum)
                .flip());
    }

    @Override
    public String toString() {
        return Sha256.hex(digest);
    }
}
