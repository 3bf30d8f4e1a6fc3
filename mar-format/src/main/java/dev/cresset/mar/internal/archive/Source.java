package dev.cresset.mar.internal.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Where the content of an entry that is to be written comes from. */
public sealed interface Source {

    long size();

    Instant modified();

    /** Opens a stream that the caller closes. */
    InputStream open() throws IOException;

    /** A file; its size is what it was when it was found. */
    record OfFile(Path file, long size, Instant modified) implements Source {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }

        @Override
        public String toString() {
            return Refusals.quoted(file.toString());
        }
    }

    /** Bytes at hand; nobody changes them. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record OfBytes(byte[] content, Instant modified) implements Source {
        @Override
        public long size() {
            return content.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(content);
        }

        @Override
        public String toString() {
            return "the bytes given for it";
        }
    }
}
