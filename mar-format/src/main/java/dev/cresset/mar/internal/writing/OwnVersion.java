package dev.cresset.mar.internal.writing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The version of this library, as its build wrote it down. */
public final class OwnVersion {
    private OwnVersion() {}

    public static String text() {
        try (InputStream in = OwnVersion.class.getResourceAsStream("version.txt")) {
            return new String(Objects.requireNonNull(in, "version.txt").readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("version.txt is in the jar of this class and cannot be read", e);
        }
    }
}
