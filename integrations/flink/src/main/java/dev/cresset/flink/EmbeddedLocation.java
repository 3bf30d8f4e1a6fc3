package dev.cresset.flink;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.flink.api.common.functions.RuntimeContext;

/** A file whose bytes travel with the job. */
final class EmbeddedLocation extends ModelLocation {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final byte[] bytes;

    /** Takes over the bytes. */
    EmbeddedLocation(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    @Override
    String identity(RuntimeContext task) {
        return name + " " + sha256(bytes);
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    <I, O> OpenModel<I, O> open(PredictorSettings<I, O> settings, RuntimeContext task) throws IOException {
        try (TemporaryFile copy = TemporaryFile.of(name, new ByteArrayInputStream(bytes))) {
            return settings.open(copy.path());
        }
    }

    @Override
    public String toString() {
        return name + ", which came with the job";
    }
}
